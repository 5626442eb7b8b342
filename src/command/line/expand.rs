//! `modify <ref>`: from a ref to provider, kind and id, before clap reads the words.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::root::root;
use crate::command::shared::target::known_kind;
use crate::config::Lazy;
use crate::error::Error;
use crate::model::Ref;
use crate::provider::registration;

/// Turns `modify <ref>` into `modify <provider> <kind> --region=<region> <id>`. The ref may be a name from the configuration.
/// Anything else stays as it is.
///
/// # Errors
/// A ref that names no provider or kind; a region that contradicts `--region`; a setting in front of the ref; a word that can
/// only be a name, and is not in the configuration.
pub fn expand(mut args: Vec<OsString>, config: &Lazy) -> Result<Vec<OsString>, Error> {
    if !args.iter().any(|arg| arg == "modify" || arg == "update") {
        return Ok(args);
    }
    let words = Words { args: &args, root: root(&args, false) };
    let Some(place) = words.subject()? else { return Ok(args) };
    let Some(reference) = reference(words.text(place), config)? else { return Ok(args) };
    known_kind(&reference)?;
    let given = words.regions();
    // clap would refuse a region that is given twice, even the same one.
    if let (Some(region), Some(other)) = (&reference.region, given.iter().find(|given| reference.region.as_deref() != Some(**given))) {
        return Err(Error::usage(format!("the ref says region {region} and --region says {other}")).state("nothing was sent"));
    }
    let region = reference.region.filter(|_| given.is_empty()).map(|region| OsString::from(format!("--region={region}")));
    let parts = [Some(reference.provider.into()), Some(reference.kind.into()), region, Some(reference.id.into())];
    args.splice(place..=place, parts.into_iter().flatten());
    Ok(args)
}

/// The ref that a word is, or names; `None` for the name of a provider.
fn reference(word: &str, config: &Lazy) -> Result<Option<Ref>, Error> {
    if registration(word).is_some() || word.is_empty() {
        Ok(None)
    } else if word.contains('/') {
        Ok(Ref::parse(word).ok())
    } else {
        config.tunnel(word)
    }
}

/// The words of the command line, before clap reads them.
struct Words<'a> {
    args: &'a [OsString],
    root: Command,
}

impl Words<'_> {
    fn text(&self, place: usize) -> &str {
        self.args.get(place).and_then(|arg| arg.to_str()).unwrap_or_default()
    }

    /// The place of the word behind `modify`.
    ///
    /// # Errors
    /// A setting between the two.
    fn subject(&self) -> Result<Option<usize>, Error> {
        let mut words = (1..self.args.len()).filter(|place| !self.text(*place).starts_with('-') && !self.is_value(*place));
        let Some(verb) = words.next().filter(|place| matches!(self.text(*place), "modify" | "update")) else { return Ok(None) };
        let Some(place) = words.next() else { return Ok(None) };
        let is_setting = |word: &&str| word.starts_with("--") && *word != "--help" && self.global(word).is_none();
        match (verb + 1..place).map(|place| self.text(place)).find(is_setting) {
            Some(stray) => Err(Error::usage(format!("{stray} stands before the connection: put settings after it"))
                .state("nothing was sent")
                .next(format!("tunnelctl {} <ref> {stray} ...", self.text(verb)))),
            None => Ok(Some(place)),
        }
    }

    /// The root option that a word is.
    fn global(&self, word: &str) -> Option<&Arg> {
        let name = word.split('=').next().unwrap_or_default();
        self.root.get_arguments().find(|arg| {
            arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long))
                || arg
                    .get_short()
                    .is_some_and(|short| name.strip_prefix('-').is_some_and(|rest| rest.len() == 1 && rest.starts_with(short)))
        })
    }

    /// Whether a word is the value of the root option in front of it.
    fn is_value(&self, place: usize) -> bool {
        let takes_value = |arg: &Arg| arg.get_num_args().map_or_else(|| arg.get_action().takes_values(), |range| range.takes_values());
        !self.text(place - 1).contains('=') && self.global(self.text(place - 1)).is_some_and(takes_value)
    }

    /// The values of `--region`.
    fn regions(&self) -> Vec<&str> {
        let places = (1..self.args.len()).filter(|place| self.text(*place) == "--region" || self.text(*place).starts_with("--region="));
        places.map(|place| self.text(place).strip_prefix("--region=").unwrap_or_else(|| self.text(place + 1))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(line: &str) -> String {
        let args = line.split(' ').map(OsString::from).collect();
        expand(args, &Lazy::default()).unwrap().iter().map(|arg| arg.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    fn refused(line: &str) -> String {
        expand(line.split(' ').map(OsString::from).collect(), &Lazy::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_ref_after_modify_becomes_provider_kind_and_id() {
        assert_eq!(expanded("t modify alibaba@cn-x/vco-1 --name a/b"), "t modify alibaba connection --region=cn-x vco-1 --name a/b");
        assert_eq!(expanded("t modify --emulated -q huawei/i-1"), "t modify --emulated -q huawei connection i-1");
        assert_eq!(expanded("t -o json update huawei/i-1"), "t -o json update huawei connection i-1");
        assert_eq!(expanded("t modify --region cn-x alibaba/ipsec-server/iss-1"), "t modify --region cn-x alibaba ipsec-server iss-1");
    }

    #[test]
    fn everything_else_stays() {
        for line in
            ["t", "t modify", "t show alibaba@cn-x/vco-1", "t modify alibaba connection vco-1", "t modify oracle", "t modify --emulated"]
        {
            assert_eq!(expanded(line), line);
        }
    }

    #[test]
    fn a_region_that_is_given_twice_must_be_the_same() {
        let same = "t modify alibaba connection vco-1 --region cn-x --name a";
        assert_eq!(expanded("t modify alibaba@cn-x/vco-1 --region cn-x --name a"), same);
        for line in [
            "t modify alibaba@cn-x/vco-1 --region cn-y",
            "t --region=cn-y modify alibaba@cn-x/vco-1",
            "t modify --region cn-y alibaba@cn-x/vco-1",
        ] {
            assert!(refused(line).contains("region cn-x and --region says cn-y"), "{line}");
        }
    }

    #[test]
    fn a_ref_of_no_provider_or_kind_and_a_setting_before_it_are_named() {
        assert!(refused("t modify oracle/x --name a").contains("\"oracle\" is not a provider; expected one of alibaba"));
        assert!(refused("t modify alibaba/server/x").contains("\"server\" is not a kind of Alibaba Cloud; expected connection"));
        assert!(refused("t modify --emulated --name a alibaba/vco-1").contains("--name stands before"));
    }
}
