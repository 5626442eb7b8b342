//! What `export` writes for strongSwan, against the cloud's end of the same connection.

use std::rc::Rc;
use std::time::Duration;

use tunnelctl::testing::{
    Client, Color, Connection, Credentials, Emulated, Format, Given, Intent, Output, Profile, Psk, Ref, Secret, Shape, Side, Target,
    Transport, ends, export, known_kind, to_swanctl,
};

use crate::harness::World;
use crate::lab::{Lab, Trial};
use crate::verdicts::wanted;

const PLACES: [&str; 9] = [
    "alibaba@cn-shanghai",
    "alibaba@cn-hangzhou",
    "alibaba@cn-guangzhou",
    "alibaba@cn-beijing",
    "huawei@cn-north-4",
    "huawei@cn-east-3",
    "tencent@ap-guangzhou",
    "tencent@ap-shanghai",
    "tencent@ap-beijing",
];

/// Every connection that a fresh emulator holds, as the library reads it.
pub fn connections() -> Vec<Connection> {
    let world = World::new();
    let mut words = vec!["list", "-o", "json"];
    words.extend(PLACES);
    let listed = world.emulated(&words).json();
    let listed = listed["connections"].as_array().unwrap();
    let refs =
        listed.iter().filter(|connection| connection["kind"] != "ipsec-server").map(|connection| connection["ref"].as_str().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tokio::task::LocalSet::new().run_until(async {
        let mut found = Vec::new();
        for text in refs {
            found.push(read(&world, &Ref::parse(text).unwrap()).await);
        }
        found
    }))
}

async fn read(world: &World, reference: &Ref) -> Connection {
    let (registration, kind) = known_kind(reference).unwrap();
    let region = reference.region.clone().unwrap();
    let profile = Profile { region: region.clone(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    let (id, secret) = registration.emulation.credentials;
    let credentials = Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None };
    let output = Output::new(Shape::default(), Color::Never, true, 0);
    let transport = Transport::Direct(Rc::new(Emulated::open(&world.path().join("emulator")).unwrap()));
    let provider = (registration.connect)(profile);
    let mut client = Client::new(provider, region, Rc::new(credentials), transport, Duration::from_secs(30), Rc::new(output));
    client.locate().await.unwrap();
    let target = Target { kind, operation: &kind.operations[0], id: reference.id.clone() };
    let call = client.provider.show(&target);
    client.call(&call, Intent::Read).await.unwrap()
}

#[test]
fn an_exported_configuration_brings_up_every_connection_of_the_emulator() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    let connections = connections();
    assert!(connections.len() >= 11, "{}", connections.len());
    let mut wrong = Vec::new();
    for connection in &connections {
        // Where the cloud does not return the key, the user gives it.
        let unread = ends(connection).iter().any(|end| !matches!(end.psk, Psk::Known(_)));
        let key = unread.then(|| Secret::new("0sAAAA\"}#{ a key")).map(std::sync::Arc::new);
        let given = Given { key: key.clone(), include_key: true, ..Given::default() };
        let exported = export(connection, Format::Swanctl, &given).unwrap();
        for (place, mut cloud) in ends(connection).into_iter().enumerate() {
            if let Some(key) = &key {
                cloud.psk = Psk::Known(key.clone());
            }
            let peer = cloud.mirrored();
            let outer = (peer.address.get().unwrap(), cloud.address.get().unwrap());
            let mut lab = Lab::start(outer).unwrap();
            let trial = Trial {
                left: exported.files[0].text.to_string(),
                right: to_swanctl(&cloud).unwrap().replace("start_action = start", "start_action = none"),
                starter: Side::Left,
                connection: place,
                wanted: wanted(&peer, &cloud),
            };
            match lab.attempt(&trial) {
                Ok(seen) if seen.verdict == "up" => {}
                Ok(seen) => {
                    wrong.push(format!("{} {place}: {} {} {:?}\n{}", connection.reference, seen.verdict, seen.exchange, seen.cut, seen.log))
                }
                Err(cause) => wrong.push(format!("{} {place}: {cause}", connection.reference)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
