use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the configuration is, by the custom of the system; `None` where the user has no home.
pub(crate) fn default_path() -> Option<PathBuf> {
    path_with(&|name| env::var_os(name))
}

fn path_with(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // By the XDG specification a relative path is none.
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = folder("XDG_CONFIG_HOME").or_else(|| {
        if cfg!(windows) {
            folder("APPDATA")
        } else {
            let under_home =
                if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
            folder("HOME").map(|home| home.join(under_home))
        }
    });
    base.map(|base| base.join(Path::new("netsession/config.toml")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn follows_the_custom_of_the_system() {
        let with = |variables: &[(&str, &str)]| {
            path_with(&|wanted| {
                let found = variables.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let xdg = with(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/home/me")]);
        assert_eq!(xdg.unwrap(), Path::new("/x/netsession/config.toml"));
        let home = with(&[("XDG_CONFIG_HOME", "relative"), ("HOME", "/home/me")]).unwrap();
        let expected = if cfg!(target_os = "macos") {
            "/home/me/Library/Application Support/netsession/config.toml"
        } else {
            "/home/me/.config/netsession/config.toml"
        };
        assert_eq!(home, Path::new(expected));
        assert_eq!(with(&[]), None);
    }
}
