//! Two connections at emulated clouds, the ends of one tunnel, and nothing else.

use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use tunnelctl::testing::operation::{CloudEnd, End};
use tunnelctl::testing::{
    Client, Color, Credentials, Interrupt, Output, Profile, Ref, Secret, Shape, Store, Target, Thing, Transport, Wire, configured_key,
    key_in_effect, known_kind, registration, seeded,
};

use crate::at_once;

/// The key of both ends at the beginning.
pub const OLD: &str = "Former-Key-2024-abcdEFGHijkl";
/// The key that a rotation gives them.
pub const NEW: &str = "Rotated2026KeyAbcdefGhijklMnopqrStuvwxYz01ab";

const ADDRESSES: [&str; 2] = ["198.51.100.1", "203.0.113.1"];
const NETS: [&str; 2] = ["10.1.0.0/24", "10.2.0.0/24"];

/// What the clouds call a tunnel that is up.
pub const UP: [&str; 3] = ["ipsec_sa_established", "AVAILABLE", "ACTIVE"];

/// A cloud of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    Alibaba,
    Tencent,
    Huawei,
}

/// A seeded connection, the things that it needs, and the words in it that a pair replaces.
struct Template {
    provider: &'static str,
    region: &'static str,
    /// Connection, gateway, customer gateway; the side replaces the last letter.
    ids: [&'static str; 3],
    key: &'static str,
    /// Address and net of this end, and of the other.
    here: [&'static str; 2],
    there: [&'static str; 2],
    /// Words of the seed, each with the word that all pairs have instead.
    words: &'static [(&'static str, &'static str)],
    /// The words of IKE version 1 and 2; empty where the template speaks IKEv2 only.
    versions: [&'static str; 2],
}

impl Cloud {
    pub const ALL: [Self; 3] = [Self::Alibaba, Self::Tencent, Self::Huawei];

    const fn template(self) -> Template {
        match self {
            Self::Alibaba => Template {
                provider: "alibaba",
                region: "cn-shanghai",
                ids: ["vco-bp1bbi27hojx80nck9k1i", "vpn-bp1q8bgx4xnkm2ogj0fiu", "cgw-bp1pvpl9r9adju6l5nxck"],
                key: "pgw6dy7d1i8in7x5",
                here: ["116.62.69.64", "1.1.1.0/24,1.1.2.0/24"],
                there: ["139.196.32.167", "2.2.2.0/24"],
                words: &[("\"sha1\"", "\"sha256\""), ("\"group2\"", "\"group14\"")],
                versions: ["\"ikev1\"", "\"ikev2\""],
            },
            Self::Tencent => Template {
                provider: "tencent",
                region: "ap-beijing",
                ids: ["vpnx-partnerhw01", "vpngw-partnerhw", "cgw-huawei001"],
                key: "Huawei-Seed-2022",
                here: ["198.51.100.164", "192.168.1.0/24"],
                there: ["203.0.113.134", "10.0.0.0/24"],
                words: &[("GROUP15\"", "GROUP14\"")],
                versions: ["\"IKEV1\"", "\"IKEV2\""],
            },
            Self::Huawei => Template {
                provider: "huawei",
                region: "cn-north-4",
                ids: [
                    "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
                    "b32d91a4-1111-4222-8333-e907174eb11d",
                    "5247ae10-1111-4222-8333-dd36659a7f5d",
                ],
                key: "Huawei-Seed-2022",
                here: ["203.0.113.134", "10.0.0.0/24"],
                there: ["198.51.100.164", "192.168.1.0/24"],
                words: &[("\"group15\"", "\"group14\"")],
                versions: ["", "\"v2\""],
            },
        }
    }

    pub const fn name(self) -> &'static str {
        self.template().provider
    }

    /// Whether it returns the key.
    pub const fn is_readable(self) -> bool {
        !matches!(self, Self::Huawei)
    }
}

/// Two ends, in the order of the command line.
#[derive(Debug, Clone)]
pub struct Pair {
    pub clouds: [Cloud; 2],
    /// Their refs.
    pub refs: [Ref; 2],
}

fn id(template: &Template, kind: usize, side: usize) -> String {
    let id = template.ids[kind];
    format!("{}{}", &id[..id.len() - 1], ["a", "b"][side])
}

fn seeds() -> &'static [Thing] {
    static SEEDS: OnceLock<Vec<Thing>> = OnceLock::new();
    SEEDS.get_or_init(|| seeded().things)
}

impl Pair {
    /// All nine pairs.
    pub fn all() -> Vec<Self> {
        Cloud::ALL.into_iter().flat_map(|one| Cloud::ALL.map(|other| Self::new(one, other))).collect()
    }

    pub fn new(one: Cloud, other: Cloud) -> Self {
        let clouds = [one, other];
        let refs = [0, 1].map(|side| {
            let template = clouds[side].template();
            Ref::parse(&format!("{}@{}/{}", template.provider, template.region, id(&template, 0, side))).unwrap()
        });
        Self { clouds, refs }
    }

    pub fn name(&self) -> String {
        self.clouds.map(Cloud::name).join("-")
    }

    /// The clouds, with these two connections.
    pub fn store(&self) -> Store {
        // Quick clouds: a tunnel that is watched four times a second is then read only a few times.
        let mut store = Store::new();
        (store.settle_ms, store.negotiate_ms) = (400, 300);
        let v2 = self.clouds.contains(&Cloud::Huawei);
        for side in [0, 1] {
            let template = self.clouds[side].template();
            let of_side = |thing: &&Thing| thing.provider == template.provider && template.ids.contains(&thing.id.as_str());
            for thing in seeds().iter().filter(of_side) {
                let mut text = serde_json::to_string(thing).unwrap();
                for kind in 0..3 {
                    text = text.replace(template.ids[kind], &id(&template, kind, side));
                }
                // Replaced by marks first, since one side's word may equal the other's.
                for (mark, [here, there]) in
                    [[template.here[0], template.there[0]], [template.here[1], template.there[1]]].iter().enumerate()
                {
                    text = text.replace(here, &format!("<here{mark}>")).replace(there, &format!("<there{mark}>"));
                }
                for (mark, words) in [ADDRESSES, NETS].iter().enumerate() {
                    text = text.replace(&format!("<here{mark}>"), words[side]).replace(&format!("<there{mark}>"), words[1 - side]);
                }
                for (from, to) in template.words {
                    text = text.replace(from, to);
                }
                let [v1_word, v2_word] = template.versions;
                if !v1_word.is_empty() {
                    let (from, to) = if v2 { (v1_word, v2_word) } else { (v2_word, v1_word) };
                    text = text.replace(from, to);
                }
                store.things.push(serde_json::from_str(&text.replace(template.key, OLD)).unwrap());
            }
            let is_project = |thing: &&Thing| thing.provider == "huawei" && thing.class == "project" && thing.region == template.region;
            if template.provider == "huawei" && store.things.iter().all(|thing| thing.class != "project") {
                store.things.extend(seeds().iter().find(is_project).cloned());
            }
        }
        store.index();
        store
    }

    /// The ends on a wire, connected but not read yet.
    pub fn ends(&self, wire: &Rc<dyn Wire>) -> Vec<End> {
        self.refs.iter().map(|reference| End::Cloud(Box::new(connect(reference, wire)))).collect()
    }

    /// The keys of a named end: the one configured last, and the one in effect.
    pub fn keys(&self, store: &Store, end: &str) -> [String; 2] {
        let reference = self.refs.iter().find(|reference| reference.to_string() == end).unwrap();
        [configured_key, key_in_effect].map(|ask| ask(store, &reference.provider, &reference.id, None).unwrap())
    }

    /// Visits what the clouds show of both ends: the keys that they hold or are about to hold, and whether a change is under way.
    /// Called at every instant, so it copies nothing, unlike [`Pair::keys`].
    pub fn visit<'a>(&self, store: &'a Store, mut key: impl FnMut(&'a str), mut state: impl FnMut(bool, &'a str)) {
        for thing in store.things.iter().filter(|thing| thing.class == "connection") {
            let emulation = registration(&thing.provider).unwrap().emulation;
            let pending = thing.pending.as_ref().map(|pending| &pending.data);
            for data in [Some(&thing.data), pending].into_iter().flatten() {
                (emulation.key)(data).into_iter().chain((emulation.configured)(data, 0)).for_each(&mut key);
            }
            let word = ["NetStatus", "Status", "status"].into_iter().find_map(|name| thing.data.get(name)?.as_str());
            state(thing.pending.is_some(), word.unwrap_or_default());
        }
    }

    /// Whether the tunnel is up, as both clouds say.
    pub fn is_up(&self, store: &Store) -> bool {
        let mut up = true;
        self.visit(store, |_| {}, |_, word| up &= UP.contains(&word));
        up
    }

    /// The previous key, which must be given if no end returns it.
    pub fn given(&self) -> Option<Secret> {
        self.clouds.iter().all(|cloud| !cloud.is_readable()).then(|| Secret::new(OLD))
    }
}

thread_local! {
    static OUTPUT: Rc<Output> = Rc::new(Output::new(Shape::default(), Color::Never, true, 0));
}

/// An output that is quiet.
pub fn output() -> Rc<Output> {
    OUTPUT.with(Rc::clone)
}

/// An end on a wire.
pub fn connect(reference: &Ref, wire: &Rc<dyn Wire>) -> CloudEnd {
    let (registration, kind) = known_kind(reference).unwrap();
    let region = reference.region.clone().unwrap();
    let profile = Profile { region: region.clone(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    let (id, secret) = registration.emulation.credentials;
    let credentials = Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None };
    let provider = (registration.connect)(profile);
    let transport = Transport::Direct(Rc::clone(wire));
    let mut client = Client::new(provider, region, Rc::new(credentials), transport, Duration::from_hours(1), output());
    client.interrupt = Interrupt::new();
    at_once(client.locate()).unwrap();
    let target = Target { kind, operation: &kind.operations[0], id: reference.id.clone() };
    CloudEnd::new(client, reference.clone(), target, None)
}
