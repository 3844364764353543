//! Docker: whether it is there, and what it has.

use crate::machine::Machine;
use crate::machine::root::Root;

/// Where the client and the daemon may lie.
const PROGRAMS: [&str; 2] = ["/usr/bin", "/usr/local/bin"];

/// Whether the client and the daemon are installed.
pub fn is_installed(root: &Root) -> bool {
    let has = |name: &str| PROGRAMS.iter().any(|folder| root.exists(format!("{folder}/{name}")));
    // A daemon that answers may lie anywhere.
    has("docker") && (has("dockerd") || root.exists("/run/docker.sock"))
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Such as `running`.
    pub state: String,
    /// The main process's number; zero when it does not run.
    pub pid: u32,
}

/// The images, as `REPOSITORY:TAG`.
///
/// # Errors
/// When Docker does not answer; its words.
pub fn images(machine: &Machine) -> Result<Vec<String>, String> {
    lines(machine, &["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"])
}

/// The containers, running or not.
///
/// # Errors
/// When Docker does not answer; its words.
pub fn containers(machine: &Machine) -> Result<Vec<Container>, String> {
    let ids = lines(machine, &["docker", "ps", "-a", "-q"])?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let format = "{{.Name}}\t{{.State.Status}}\t{{.State.Pid}}";
    let words = ["docker", "inspect", "--format", format].into_iter().chain(ids.iter().map(String::as_str));
    let container = |line: String| {
        let mut fields = line.split('\t');
        let name = fields.next()?.trim_start_matches('/').to_owned();
        Some(Container { name, state: fields.next()?.to_owned(), pid: fields.next()?.parse().ok()? })
    };
    Ok(lines(machine, &words.collect::<Vec<_>>())?.into_iter().filter_map(container).collect())
}

fn lines(machine: &Machine, words: &[&str]) -> Result<Vec<String>, String> {
    if !machine.commands.has("docker") {
        return Err("docker is not installed".to_owned());
    }
    let done = machine.commands.run(words).map_err(|error| format!("docker: {error}"))?;
    if !done.succeeded() {
        return Err(done.last_words());
    }
    Ok(done.text().lines().map(str::to_owned).collect())
}

/// Whether an image's name fits a pattern in which `*` stands for any letters.
pub fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).filter(|&at| rest.is_char_boundary(at)).any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_the_whole_name() {
        assert!(fits("registry:5000/dev/orion:*", "registry:5000/dev/orion:release-5-4-0"));
        assert!(!fits("dev/orion:*", "registry/dev/orion:x"));
        assert!(fits("vast_platform_11.0.0.1-4100", "vast_platform_11.0.0.1-4100"));
        assert!(!fits("vast_platform_11.0.0.1-4100", "vast_platform_11.0.0.1-41000"));
        assert!(fits("*a*b", "xxaxxb") && !fits("*a*b", "xxaxx"));
    }
}
