use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// A folder in which programs keep files of a user, by the custom of the system.
pub(crate) struct UserFolder {
    /// By the XDG specification.
    variable: &'static str,
    /// The variable of Windows.
    windows: &'static str,
    /// Below the home, where the variable is not set. macOS has one folder for all.
    under_home: &'static str,
}

/// What a user writes.
pub(crate) const CONFIG: UserFolder =
    UserFolder { variable: "XDG_CONFIG_HOME", windows: "APPDATA", under_home: ".config" };
/// What a program writes and keeps.
pub(crate) const STATE: UserFolder =
    UserFolder { variable: "XDG_STATE_HOME", windows: "LOCALAPPDATA", under_home: ".local/state" };

impl UserFolder {
    /// `None` where the user has no home.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        self.find_with(&|name| env::var_os(name))
    }

    fn find_with(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        // By the XDG specification a relative path is none.
        let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        folder(self.variable).or_else(|| {
            if cfg!(windows) {
                folder(self.windows)
            } else {
                let mac = "Library/Application Support";
                let under_home = if cfg!(target_os = "macos") { mac } else { self.under_home };
                folder("HOME").map(|home| home.join(under_home))
            }
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn follows_the_custom_of_the_system() {
        let with = |variables: &[(&str, &str)]| {
            CONFIG.find_with(&|wanted| {
                let found = variables.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let xdg = with(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/home/me")]);
        assert_eq!(xdg.unwrap(), Path::new("/x"));
        let home = with(&[("XDG_CONFIG_HOME", "relative"), ("HOME", "/home/me")]).unwrap();
        let expected = if cfg!(target_os = "macos") {
            "/home/me/Library/Application Support"
        } else {
            "/home/me/.config"
        };
        assert_eq!(home, Path::new(expected));
        assert_eq!(with(&[]), None);
    }
}
