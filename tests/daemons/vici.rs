//! The control socket of charon: <https://github.com/strongswan/strongswan/blob/master/src/libcharon/plugins/vici/README.md>.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value as Json};

const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;
const REGISTER: u8 = 3;
const UNREGISTER: u8 = 4;
const CONFIRM: u8 = 5;
const EVENT: u8 = 7;

pub struct Vici(UnixStream);

impl Vici {
    pub fn open(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self(stream))
    }

    /// Sends a command; returns its answer.
    pub fn ask(&mut self, command: &str, arguments: &[(&str, &str)]) -> io::Result<Json> {
        self.send(REQUEST, command, arguments)?;
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                RESPONSE => return Ok(decode(&body)),
                EVENT => {}
                other => return Err(io::Error::other(format!("{command}: answer of type {other}"))),
            }
        }
    }

    /// Sends a command that answers with events; returns their bodies.
    pub fn stream(&mut self, command: &str, event: &str) -> io::Result<Vec<Json>> {
        self.send(REGISTER, event, &[])?;
        self.confirmed()?;
        self.send(REQUEST, command, &[])?;
        let mut events = Vec::new();
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                EVENT => events.push(decode(&body[1 + usize::from(body[0])..])),
                RESPONSE => break,
                other => return Err(io::Error::other(format!("{command}: answer of type {other}"))),
            }
        }
        self.send(UNREGISTER, event, &[])?;
        self.confirmed()?;
        Ok(events)
    }

    fn confirmed(&mut self) -> io::Result<()> {
        loop {
            match self.receive()?.0 {
                CONFIRM => return Ok(()),
                EVENT => {}
                other => return Err(io::Error::other(format!("registration: answer of type {other}"))),
            }
        }
    }

    fn send(&mut self, kind: u8, name: &str, arguments: &[(&str, &str)]) -> io::Result<()> {
        let mut packet = vec![kind, name.len() as u8];
        packet.extend(name.bytes());
        for (key, value) in arguments {
            packet.extend([3, key.len() as u8]);
            packet.extend(key.bytes());
            packet.extend((value.len() as u16).to_be_bytes());
            packet.extend(value.bytes());
        }
        let mut framed = (packet.len() as u32).to_be_bytes().to_vec();
        framed.extend(packet);
        self.0.write_all(&framed)
    }

    fn receive(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let mut packet = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut packet)?;
        let kind = packet.remove(0);
        Ok((kind, packet))
    }
}

/// A message as an object: sections nest, lists are arrays, values are text. Order is kept in the key list of sections.
fn decode(body: &[u8]) -> Json {
    let mut place = 0;
    section(body, &mut place)
}

fn section(body: &[u8], place: &mut usize) -> Json {
    fn text(body: &[u8], place: &mut usize, wide: bool) -> String {
        let length = if wide {
            *place += 2;
            usize::from(u16::from_be_bytes([body[*place - 2], body[*place - 1]]))
        } else {
            *place += 1;
            usize::from(body[*place - 1])
        };
        *place += length;
        String::from_utf8_lossy(&body[*place - length..*place]).into_owned()
    }
    let mut object = Map::new();
    while *place < body.len() {
        let kind = body[*place];
        *place += 1;
        match kind {
            1 => {
                let name = text(body, place, false);
                let inner = section(body, place);
                object.insert(name, inner);
            }
            2 => break,
            3 => {
                let name = text(body, place, false);
                let value = text(body, place, true);
                object.insert(name, Json::String(value));
            }
            4 => {
                let name = text(body, place, false);
                let mut items = Vec::new();
                while body[*place] == 5 {
                    *place += 1;
                    items.push(Json::String(text(body, place, true)));
                }
                *place += 1;
                object.insert(name, Json::Array(items));
            }
            other => panic!("element of type {other}"),
        }
    }
    Json::Object(object)
}
