//! Names of regions.

use crate::provider::tencent::cloud::REGIONS;

/// Short names, which only API 2.0 has, with those of API 3.0.
const SHORT: &[(&str, &str)] = &[
    ("gz", "ap-guangzhou"),
    ("sh", "ap-shanghai"),
    ("nj", "ap-nanjing"),
    ("bj", "ap-beijing"),
    ("cd", "ap-chengdu"),
    ("cq", "ap-chongqing"),
    ("hk", "ap-hongkong"),
    ("sg", "ap-singapore"),
    ("shjr", "ap-shanghai-fsi"),
    ("gzopen", "ap-guangzhou-open"),
    ("kr", "ap-seoul"),
    ("jp", "ap-tokyo"),
    ("th", "ap-bangkok"),
    ("in", "ap-mumbai"),
    ("de", "eu-frankfurt"),
    ("use", "na-ashburn"),
    ("usw", "na-siliconvalley"),
    ("ca", "na-toronto"),
];

/// The long name of a region. Both APIs accept either form.
pub(super) fn region(name: &str) -> Option<&'static str> {
    let long = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| *long);
    REGIONS.iter().copied().find(|region| *region == long)
}
