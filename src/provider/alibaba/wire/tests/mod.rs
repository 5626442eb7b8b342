//! Requests as they are sent, replies as they are read.

mod blocks;
mod change;
mod show;
mod tunnels;

use crate::model::{Connection, Settings};
use crate::provider::alibaba::testing::{DUAL, profile, read, reply, target};
use crate::provider::{Edit, Target};
use crate::wire::{Pairs, Request, decode_pairs};

const ATTACHMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnConnection.attachment.reply.json"));
const SERVERS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ListIpsecServers.reply.json"));
const GATEWAY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/DescribeVpnGateway.reply.json"));
const MODIFIED_2019: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ModifyVpnConnectionAttribute.reply.json"));
const MODIFIED_2024: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/ModifyVpnAttachmentAttribute.reply.json"));
const UPDATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/UpdateIpsecServer.reply.json"));
const DRY_RUN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/alibaba/error-DryRunOperation.reply.json"));

const REGION: &str = "cn-hangzhou";

fn connection_target() -> Target {
    target("connection", "vco-2zedualtunnel00001")
}

fn attachment_target() -> Target {
    target("attachment", "vco-p0w5112fgnl2ihlmf****")
}

fn server_target() -> Target {
    target("ipsec-server", "iss-bp1bo3xuvcxo7ixll")
}

fn form(request: &Request) -> Pairs {
    let mut form = decode_pairs(&request.body_text()).unwrap();
    form.sort();
    form
}

fn parameter_of(request: &Request, name: &str) -> Option<String> {
    form(request).into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

fn edit<'a>(target: &'a Target, current: Option<&'a Connection>, change: &'a Settings) -> Edit<'a> {
    Edit { target, current, change, address: &[], token: "token-1" }
}
