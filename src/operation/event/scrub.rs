//! What a cloud says passes the gate before it is written anywhere: it may quote what it was sent.

use serde_json::Value as Json;

use super::record::{Event, Record};
use crate::print::gate::scrub;

/// The longest text of a cloud that is kept, in characters.
const LONGEST: usize = 2000;

impl Record {
    /// The record without known secrets. Where a setting that a modify found quotes one, its previous value counts as not known.
    #[must_use]
    pub fn scrubbed(mut self) -> Self {
        match &mut self.event {
            Event::Acked { request_id, task, .. } => [request_id, task].into_iter().flatten().for_each(clean),
            Event::Refused { code: text, .. }
            | Event::Conflict { seen: text, .. }
            | Event::Turned { reason: text, .. }
            | Event::Proved { detail: text, .. }
            | Event::Told { refused: Some(text), .. } => clean(text),
            Event::Planned { ends, before, .. } => {
                ends.iter_mut().flat_map(|end| [&mut end.tunnel, &mut end.gateway]).flatten().for_each(clean);
                before.iter_mut().filter_map(Json::as_object_mut).flatten().for_each(|(_, value)| {
                    let text = value.to_string();
                    if scrub(&text) != text {
                        *value = Json::Null;
                    }
                });
            }
            _ => {}
        }
        self
    }
}

fn clean(text: &mut String) {
    *text = scrub(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::print::gate::watch;

    #[test]
    fn no_record_quotes_a_known_key() {
        let key = "canary-of-the-record-5f1b";
        watch(&Secret::new(key));
        let said = || format!("the cloud said {key}");
        let events = [
            Event::Acked { end: 0, request_id: Some(said()), task: Some(said()) },
            Event::Refused { end: 0, code: said() },
            Event::Conflict { end: 0, seen: said() },
            Event::Turned { to: super::super::Which::Old, reason: said() },
            Event::Told { end: None, refused: Some(said()), writes: false },
            Event::Proved { proof: super::super::Proof::Down, detail: said() },
            Event::Planned {
                verb: super::super::Verb::Modify,
                ends: Vec::new(),
                renegotiate: None,
                renegotiate_with: None,
                before: Some(serde_json::json!({ "name": said(), "local_subnets": [said()], "ike.lifetime_secs": 1 })),
                change: None,
                way_back: true,
            },
        ];
        for event in events {
            let text = serde_json::to_string(&Record { time: chrono::DateTime::UNIX_EPOCH, event }.scrubbed()).unwrap();
            assert!(!text.contains(key) && !text.contains("\"local_subnets\":["), "{text}");
        }
    }
}
