//! The system's Python and what is installed for it, by files alone: starting
//! an interpreter takes longer than all the rest of a plan.

use loopshim_core::pip::distribution;

use crate::machine::root::Root;

/// `python3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// N of its version 3.N.
    pub minor: u32,
    /// Its folders of packages that are there, in the order it looks into them.
    pub sites: Vec<String>,
}

/// An installed distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its version.
    pub version: String,
    /// The folder it is in.
    pub site: String,
    /// Its metadata's path.
    pub metadata: String,
}

impl Python {
    /// Looks for it.
    pub fn find(root: &Root) -> Option<Self> {
        let minor = by_link(root).or_else(|| by_library(root))?;
        let sites = sites(minor).into_iter().filter(|site| root.is_directory(site)).collect();
        Some(Self { minor, sites })
    }

    /// All of a project's metadata, in the order in which Python would find it.
    pub fn all(&self, root: &Root, project: &str) -> Vec<Installed> {
        let wanted = distribution::normalised(project);
        let mut all = Vec::new();
        for site in &self.sites {
            for name in root.names(site) {
                let Some((_, found)) = distribution::of_entry(name.as_ref()) else { continue };
                if found == wanted {
                    all.push(Installed {
                        version: version(&name),
                        site: site.clone(),
                        metadata: format!("{site}/{name}"),
                    });
                }
            }
        }
        all
    }

    /// The metadata of a project that Python would find.
    pub fn installed(&self, root: &Root, project: &str) -> Option<Installed> {
        self.all(root, project).into_iter().next()
    }
}

/// `NAME-VERSION.dist-info`, `NAME-VERSION-py3.6.egg-info`.
fn version(entry: &str) -> String {
    let stem = entry.strip_suffix(".dist-info").or_else(|| entry.strip_suffix(".egg-info")).unwrap_or(entry);
    stem.split('-').nth(1).unwrap_or_default().to_owned()
}

/// The version in the names on the way from `/usr/bin/python3` to the program.
fn by_link(root: &Root) -> Option<u32> {
    let mut path = std::path::PathBuf::from("/usr/bin/python3");
    for _ in 0..8 {
        let target = root.link(&path).ok()?;
        path = path.parent()?.join(target);
        let name = path.file_name()?.to_str()?;
        let digits = name.rsplit_once("python3.").map(|(_, digits)| digits);
        if let Some(minor) = digits.and_then(|digits| digits.parse().ok()) {
            return Some(minor);
        }
    }
    None
}

fn by_library(root: &Root) -> Option<u32> {
    let exists = root.exists("/usr/bin/python3");
    let names = ["/usr/lib", "/usr/lib64"].into_iter().flat_map(|folder| root.names(folder));
    let minors = names.filter_map(|name| name.strip_prefix("python3.")?.parse().ok());
    exists.then(|| minors.max()).flatten()
}

/// As `site` and the distributions' patches of it have them.
fn sites(minor: u32) -> Vec<String> {
    let mut sites = Vec::new();
    for prefix in ["/usr/local", "/usr"] {
        for library in ["lib64", "lib"] {
            sites.push(format!("{prefix}/{library}/python3.{minor}/site-packages"));
        }
        sites.push(format!("{prefix}/lib/python3.{minor}/dist-packages"));
    }
    sites.push("/usr/lib/python3/dist-packages".to_owned());
    sites
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_version_is_that_of_the_program_the_links_lead_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        for path in [
            "usr/bin",
            "etc/alternatives",
            "usr/local/lib/python3.6/site-packages/pip-21.3.1.dist-info",
            "usr/lib/python3.6/site-packages/pip-9.0.3.dist-info",
            "usr/lib/python3.9/site-packages",
        ] {
            fs::create_dir_all(at(path)).expect("a folder");
        }
        symlink("/etc/alternatives/python3", at("usr/bin/python3")).expect("a link");
        symlink("/usr/bin/python3.6", at("etc/alternatives/python3")).expect("a link");
        fs::write(at("usr/bin/python3.6"), "").expect("a file");
        let root = Root::open(folder.path()).expect("a root");
        let python = Python::find(&root).expect("python");
        assert_eq!(python.minor, 6);
        assert_eq!(
            python.sites,
            ["/usr/local/lib/python3.6/site-packages", "/usr/lib/python3.6/site-packages"]
        );
        let versions: Vec<String> = python.all(&root, "PIP").into_iter().map(|found| found.version).collect();
        assert_eq!(versions, ["21.3.1", "9.0.3"]);
        assert_eq!(python.installed(&root, "wheel"), None);
    }
}
