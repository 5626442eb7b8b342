//! Setting back what a rotation had to set beside the key: `effect_immediately` stays as it was found.

use std::time::Duration;

use super::super::end::{CloudEnd, End, Sent};
use super::base::Drive;
use crate::call::retry;
use crate::model::Key;

/// How often an end is asked while it is busy.
const TRIES: u32 = 5;

impl Drive {
    /// Sets `effect_immediately` back to what was found. The call carries no key, so it is not on record. Where it would drop the
    /// tunnel once more, or write keys, it is left to the user.
    pub(super) async fn set_back(&mut self) {
        for (place, found) in self.state.effect_immediately.clone().into_iter().enumerate() {
            let Some(found) = found else { continue };
            let Some(End::Cloud(end)) = self.ends.get_mut(place) else { continue };
            if end.current.is_none() && end.read().await.is_err() {
                continue;
            }
            if end.settings().switch(Key::EffectImmediately).is_none_or(|now| now == found) {
                continue;
            }
            let single = end.current.as_ref().is_some_and(|connection| connection.tunnels.is_empty());
            if found || !single || !off(end).await {
                let (word, why) = if found { ("on", ", which renegotiates the tunnel") } else { ("off", "") };
                self.output.warn(&format!(
                    "effect_immediately of {} is not as it was found; set it back{why}: tunnelctl modify {} --effect-immediately {word}{}",
                    end.reference, end.reference, end.client.again
                ));
            }
        }
    }
}

/// Switches it off; whether the cloud accepted that.
async fn off(end: &mut CloudEnd) -> bool {
    for attempt in 0..TRIES {
        let Ok(call) = end.without_effect() else { return false };
        let stamp = end.client.stamp();
        let wait: Duration = match end.send(&call, &stamp, "to set effect_immediately back").await {
            Sent::Acked(_) => return true,
            Sent::Refused(..) => return false,
            Sent::Again(wait, _) => wait,
            Sent::Busy(_) | Sent::Lost(_) => retry::poll(attempt, end.client.random()),
        };
        if end.client.wait(wait).await.is_err() {
            return false;
        }
    }
    false
}
