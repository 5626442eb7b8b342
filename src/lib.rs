//! Changes, inspects, checks and re-keys IPsec-VPN connections on Alibaba Cloud, Tencent Cloud and Huawei Cloud.
//!
//! Pure inside, I/O at the rim: a [`provider`] builds requests and reads replies, `client` sends, `output` prints.

pub mod emulator;
pub mod fingerprint;
pub mod http;
pub mod model;
pub mod provider;
