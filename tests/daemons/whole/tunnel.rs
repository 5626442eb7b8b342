//! What both ends of a tunnel are to agree on, before either is written down in its own words.

use std::net::IpAddr;
use std::path::Path;

use tunnelctl::testing::{Daemon, Side};

use crate::pairs::{LEFT, RIGHT};
use crate::random::Random;

/// The key of both ends, and one that neither should use.
pub const KEY: &str = "a-made-up-key-for-these-files-0001";
pub const WRONG: &str = "another-made-up-key-00000000000002";
/// The connection that is meant in each file.
pub const NAME: &str = "tunnel";

/// What a file is odd in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Odd {
    Nothing,
    Secrets,
    Authentication,
    Ike,
    Esp,
    Children,
    Syntax,
    Addresses,
    Lifetimes,
    Versions,
    Pfs,
    LeftOut,
    Transport,
    /// Settings of ESP, of its encapsulation, and of the nets.
    Details,
}

impl Odd {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "plain",
            Self::Secrets => "secrets",
            Self::Authentication => "authentication",
            Self::Ike => "ike",
            Self::Esp => "esp",
            Self::Children => "children",
            Self::Syntax => "syntax",
            Self::Addresses => "addresses",
            Self::Lifetimes => "lifetimes",
            Self::Versions => "versions",
            Self::Pfs => "pfs",
            Self::LeftOut => "left out",
            Self::Transport => "transport",
            Self::Details => "details",
        }
    }

    /// The one that `TUNNELCTL_ODD` asks for, by its word.
    pub fn asked() -> Option<Self> {
        use Odd::*;
        let word = std::env::var("TUNNELCTL_ODD").ok()?;
        let all = [Secrets, Authentication, Ike, Esp, Children, Syntax, Addresses, Lifetimes, Versions, Pfs, LeftOut, Transport, Details];
        all.into_iter().find(|odd| odd.word() == word)
    }

    /// One that a daemon's files can be odd in.
    pub fn any(random: &mut Random, kind: Daemon) -> Self {
        const STRONGSWAN: &[Odd] = &[
            Odd::Secrets,
            Odd::Secrets,
            Odd::Secrets,
            Odd::Authentication,
            Odd::Authentication,
            Odd::Ike,
            Odd::Ike,
            Odd::Ike,
            Odd::Esp,
            Odd::Esp,
            Odd::Children,
            Odd::Children,
            Odd::Syntax,
            Odd::Syntax,
            Odd::Syntax,
            Odd::Addresses,
            Odd::Lifetimes,
            Odd::LeftOut,
            Odd::Details,
            Odd::Details,
        ];
        const LIBRESWAN: &[Odd] = &[
            Odd::Secrets,
            Odd::Secrets,
            Odd::Secrets,
            Odd::Authentication,
            Odd::Authentication,
            Odd::Ike,
            Odd::Ike,
            Odd::Ike,
            Odd::Esp,
            Odd::Esp,
            Odd::Children,
            Odd::Syntax,
            Odd::Syntax,
            Odd::Syntax,
            Odd::Versions,
            Odd::Versions,
            Odd::Pfs,
            Odd::Addresses,
            Odd::LeftOut,
            Odd::Transport,
            Odd::Details,
            Odd::Details,
            Odd::Details,
        ];
        random.pick(if kind == Daemon::Strongswan { STRONGSWAN } else { LIBRESWAN })
    }
}

/// A tunnel as an end sees it.
#[derive(Debug, Clone)]
pub struct View {
    pub v1: bool,
    /// Whether the kernel makes ESP: what a daemon makes has no extended sequence numbers.
    pub kernel: bool,
    pub own: IpAddr,
    pub far: IpAddr,
    /// Identities; an address stands for itself.
    pub own_id: String,
    pub far_id: String,
    pub own_net: &'static str,
    pub far_net: &'static str,
}

/// A tunnel, as its left end sees it.
pub fn tunnel(random: &mut Random, v1: bool, kernel: bool) -> View {
    let ids = [("192.0.2.1", "198.51.100.1"), ("192.0.2.1", "198.51.100.1"), ("left.example.com", "right.example.com")];
    // In main mode a key is found by the addresses: names are for the rest.
    let (own_id, far_id) = if v1 { ids[0] } else { random.pick(&ids) };
    View {
        v1,
        kernel,
        own: LEFT,
        far: RIGHT,
        own_id: own_id.to_owned(),
        far_id: far_id.to_owned(),
        own_net: "10.1.0.0/24",
        far_net: "10.2.0.0/24",
    }
}

impl View {
    pub fn own_host(&self) -> &'static str {
        host(self.own)
    }

    pub fn far_host(&self) -> &'static str {
        host(self.far)
    }

    /// As the end of this side sees it.
    pub fn of(&self, side: Side) -> Self {
        if side == Side::Left {
            return self.clone();
        }
        Self {
            v1: self.v1,
            kernel: self.kernel,
            own: self.far,
            far: self.own,
            own_id: self.far_id.clone(),
            far_id: self.own_id.clone(),
            own_net: self.far_net,
            far_net: self.own_net,
        }
    }
}

/// The net of a gateway alone.
fn host(address: IpAddr) -> &'static str {
    if address == LEFT { "192.0.2.1/32" } else { "198.51.100.1/32" }
}

/// A configuration as somebody wrote it.
#[derive(Debug, Clone)]
pub struct File {
    pub kind: Daemon,
    pub text: String,
    /// Libreswan's `ipsec.secrets`.
    pub secrets: String,
    /// What Libreswan reads when it starts.
    pub setup: &'static str,
    /// Nets of each child: own, far.
    pub nets: Vec<(Vec<&'static str>, Vec<&'static str>)>,
    pub odd: Odd,
    /// Files that it includes, from the folder that `FOLDER` stands for.
    pub parts: Vec<(String, String)>,
}

/// Stands for the folder of the included files until that is known.
pub const FOLDER: &str = "@PARTS@";

impl File {
    /// Puts the included files into a folder.
    pub fn place(&mut self, folder: &Path) {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).unwrap();
        let name = folder.display().to_string();
        for (part, text) in &self.parts {
            let path = folder.join(part);
            std::fs::write(&path, text.replace(FOLDER, &name)).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        self.text = self.text.replace(FOLDER, &name);
        self.secrets = self.secrets.replace(FOLDER, &name);
    }
}
