//! Failed calls as errors for the user.

use super::client::Client;
use super::failure::CallError;
use crate::error::{Error, exit};

impl CallError {
    /// The error of a command that only reads. It leaves out that nothing was changed.
    #[must_use]
    pub fn of_read(self, client: &Client, doing: &str) -> Error {
        Error { state: String::new(), ..self.harmless(client, doing) }
    }

    /// The error of a command whose call cannot have changed anything. `doing` is an infinitive: `to read alibaba/vco-1`.
    #[must_use]
    pub fn harmless(self, client: &Client, doing: &str) -> Error {
        let provider = client.id();
        match self {
            // Without a network, only the disk can be the cause.
            Self::NotSent(cause) if client.is_direct() => {
                Error::new(exit::CREDENTIALS, format!("cannot call the emulated {provider} {doing}: {cause}"))
                    .state("nothing was sent")
                    .next("check that the disk has room and the file can be written, or set XDG_STATE_HOME to another directory")
            }
            Self::NotSent(cause) => Error::new(exit::NETWORK, format!("cannot reach {provider} {doing}: {cause}"))
                .state("nothing was sent")
                .next("check the network, the region (its name is part of the host) and --endpoint"),
            Self::Lost(cause) => Error::new(exit::NETWORK, format!("{provider} gave no usable reply when asked {doing}: {cause}"))
                .state("nothing was changed")
                .next("try again; add -v to see each attempt"),
            Self::Refused(error) => Error::refused(provider, doing, &error),
            Self::Missing(what) => Error::new(exit::NOT_FOUND, format!("{provider} has no {what}"))
                .state("nothing was changed")
                .next("check the id, the region and the account"),
            Self::Stopped => Error::new(client.interrupt.exit(), format!("interrupted when about {doing}")).state("nothing was changed"),
            Self::Unrecorded(error) => *error,
        }
    }
}
