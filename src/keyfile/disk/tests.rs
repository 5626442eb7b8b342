use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

const TEXT: &str = "# mine\n@a @b : PSK \"canary-old\"\n";

struct Files {
    directory: tempfile::TempDir,
    place: Place,
}

fn files(mode: u32) -> Files {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ipsec.secrets");
    fs::write(&path, TEXT).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    Files { directory, place: Place { path, name: None } }
}

impl Files {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.place.path).unwrap()
    }
}

fn key(text: &str) -> Secret {
    Secret::new(text)
}

#[test]
fn a_file_is_replaced_with_its_mode_and_leaves_no_temporary_file() {
    for mode in [0o600, 0o640, 0o400] {
        let files = files(mode);
        let opened = files.place.open().unwrap();
        assert_eq!(opened.warnings.len(), usize::from(mode == 0o640));
        assert_eq!(opened.write(&key("new")).unwrap(), Written::Now);
        assert_eq!(files.text(), "# mine\n@a @b : PSK 0x6e6577\n");
        assert_eq!(fs::metadata(&files.place.path).unwrap().mode() & 0o777, mode);
        assert_eq!(files.names(), ["ipsec.secrets"]);
    }
}

#[test]
fn owner_and_attributes_are_kept() {
    let files = files(0o600);
    let path = &files.place.path;
    // Only root can give files away.
    let owned = std::os::unix::fs::chown(path, Some(0), Some(12_345)).is_ok();
    let labelled = rustix::fs::setxattr(path, "user.label", b"x", rustix::fs::XattrFlags::empty()).is_ok();
    files.place.open().unwrap().write(&key("new")).unwrap();
    assert!(!owned || fs::metadata(path).unwrap().gid() == 12_345);
    let mut value = [0; 8];
    assert!(!labelled || rustix::fs::getxattr(path, "user.label", &mut value[..]).unwrap() == 1);
}

#[test]
fn only_the_expected_key_is_replaced_and_the_new_one_may_be_there_already() {
    let files = files(0o600);
    let (old, new) = (fingerprint(&key("canary-old")), key("new"));
    let Err(WriteError::Conflict(found)) = files.place.write_if(&fingerprint(&key("other")), &new) else { panic!("no conflict") };
    assert_eq!((found, files.text().as_str()), (old.clone(), TEXT));
    assert_eq!(files.place.write_if(&old, &new).unwrap(), Written::Now);
    assert_eq!(files.place.write_if(&old, &new).unwrap(), Written::Already);
    assert_eq!(files.place.write_if(&fingerprint(&new), &key("canary-old")).unwrap(), Written::Now);
}

#[test]
fn a_file_that_somebody_else_changed_is_not_overwritten() {
    let files = files(0o600);
    let opened = files.place.open().unwrap();
    let other = TEXT.replace("mine", "theirs");
    fs::write(&files.place.path, &other).unwrap();
    assert!(matches!(opened.write(&key("new")), Err(WriteError::Changed)));
    assert!(matches!(opened.write(&key("canary-old")), Err(WriteError::Changed)), "even where there is nothing to write");
    assert_eq!((files.text(), files.names().len()), (other, 1));
    let error = WriteError::Changed.error(&files.place);
    assert!(error.state.ends_with("is unchanged"), "{error}");
}

#[test]
fn a_link_stays_and_its_target_is_replaced() {
    let files = files(0o600);
    let link = files.directory.path().join("link");
    symlink("ipsec.secrets", &link).unwrap();
    Place { path: link.clone(), name: None }.open().unwrap().write(&key("new")).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(files.text().contains("0x6e6577"));
}

#[test]
fn a_leftover_of_a_killed_run_is_removed_but_nothing_else() {
    let files = files(0o600);
    let beside = files.directory.path().join(".ipsec.secrets.tunnelctl");
    fs::write(&beside, "half of a key").unwrap();
    files.place.open().unwrap().write(&key("new")).unwrap();
    assert_eq!(files.names(), ["ipsec.secrets"]);
    fs::create_dir(&beside).unwrap();
    let error = files.place.open().unwrap().write(&key("newer")).unwrap_err();
    assert!(matches!(&error, WriteError::NotWritten(cause) if cause.to_string().contains("is in the way")), "{error:?}");
    assert!(!error.is_written() && files.text().contains("0x6e6577"));
}

#[test]
fn a_file_that_others_can_change_is_refused_with_the_fix() {
    for (mode, next) in [(0o620, "chmod go-w"), (0o602, "chmod go-w")] {
        let error = files(mode).place.open().unwrap_err();
        assert!(error.message.contains("other users can change it") && error.next[0].starts_with(next), "{error}");
    }
    let twice = files(0o600);
    fs::hard_link(&twice.place.path, twice.directory.path().join("other")).unwrap();
    assert!(twice.place.open().unwrap_err().message.contains("2 names"));
    let open = files(0o600);
    fs::set_permissions(open.directory.path(), Permissions::from_mode(0o777)).unwrap();
    assert!(open.place.open().unwrap_err().message.contains("any user can replace it"));
    fs::set_permissions(open.directory.path(), Permissions::from_mode(0o1777)).unwrap();
    assert!(open.place.open().is_ok(), "a sticky directory keeps files with their owners");
}

#[test]
fn a_missing_or_binary_file_is_refused_without_its_content() {
    let files = files(0o600);
    let gone = Place { path: files.directory.path().join("none"), name: None };
    assert_eq!(gone.open().unwrap_err().exit, exit::NOT_FOUND);
    fs::write(&files.place.path, b"canary\xff").unwrap();
    let error = files.place.open().unwrap_err();
    assert!(error.message.ends_with("line 1, column 7: is not text (UTF-8)"), "{error}");
    let pipe = Place { path: files.directory.path().join("pipe"), name: None };
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe.path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    assert!(pipe.open().unwrap_err().message.ends_with("is not a regular file"));
}

#[test]
fn a_key_that_the_format_cannot_hold_is_not_written() {
    let files = files(0o600);
    fs::write(&files.place.path, "canary-plain\n").unwrap();
    let error = files.place.open().unwrap().write(&key("two\nlines")).unwrap_err();
    assert!(matches!(error, WriteError::Refused(_)), "{error:?}");
    assert_eq!(files.text(), "canary-plain\n");
}
