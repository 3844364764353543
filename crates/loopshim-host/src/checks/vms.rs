//! The management service's word on its nodes, asked by `curl`: TLS and its
//! certificates are the distribution's business. The credentials are given on
//! standard input, so that no list of processes shows them.

use std::os::unix::fs::MetadataExt;

use loopshim_core::config::host::Vms;
use serde_json::Value;

use super::{Examination, Verdict};

/// The collections, and what each node of them must be.
const COLLECTIONS: [(&str, &str); 2] = [("cnodes", "CNode"), ("dnodes", "DNode")];

pub(super) fn nodes(examination: &Examination<'_>) -> Verdict {
    let Some(vms) = &examination.context.settings.vms else {
        return Verdict::skip("not asked: set host.vms in the configuration");
    };
    let machine = examination.context.machine;
    if !machine.is_live() {
        return Verdict::skip("a tree of files has no running services");
    }
    if !machine.commands.has("curl") {
        return Verdict::skip("curl is not installed");
    }
    let credentials = match credentials(vms) {
        Ok(credentials) => credentials,
        Err(why) => return Verdict::fail(why, "keep USER:PASSWORD or an API token in it, mode 0600, root's"),
    };
    let mut bad = Vec::new();
    let mut count = 0;
    for (collection, kind) in COLLECTIONS {
        let options = options(vms, &credentials, collection);
        let done = match machine.commands.run_with(&["curl", "--config", "-"], options.as_bytes()) {
            Ok(done) if done.succeeded() => done,
            Ok(done) => {
                return Verdict::fail(
                    format!("{}: {}", vms.url, done.last_words()),
                    "is the service up, and its address right?",
                );
            }
            Err(error) => return Verdict::skip(format!("curl: {error}")),
        };
        match judge(&done.stdout, kind) {
            Ok((nodes, down)) => {
                count += nodes;
                bad.extend(down);
            }
            Err(why) => return Verdict::fail(format!("{}: {why}", vms.url), "is this the address of a VMS?"),
        }
    }
    let value = if bad.is_empty() { format!("all {count}") } else { bad.join(", ") };
    Verdict::fail_unless(
        bad.is_empty() && count > 0,
        value,
        "do not go on before all nodes are ACTIVE or ONLINE",
    )
}

fn credentials(vms: &Vms) -> Result<String, String> {
    let path = vms.credentials.display();
    let found = std::fs::metadata(&vms.credentials).map_err(|error| format!("{path}: {error}"))?;
    if found.mode() & 0o077 != 0 {
        return Err(format!("{path} may be read by others (mode {:o})", found.mode() & 0o777));
    }
    let text = std::fs::read_to_string(&vms.credentials).map_err(|error| format!("{path}: {error}"))?;
    let text = text.trim();
    if text.is_empty() || text.contains('\n') {
        Err(format!("{path} does not have one line"))
    } else {
        Ok(text.to_owned())
    }
}

/// A configuration of curl's.
fn options(vms: &Vms, credentials: &str, collection: &str) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let login = if credentials.contains(':') {
        format!("user = \"{}\"\n", quoted(credentials))
    } else {
        format!("header = \"Authorization: Api-Token {}\"\n", quoted(credentials))
    };
    let insecure = if vms.verify_tls { "" } else { "insecure\n" };
    let url = quoted(vms.url.trim_end_matches('/'));
    format!("url = \"{url}/api/{collection}/\"\nsilent\nshow-error\nfail\nmax-time = 10\n{insecure}{login}")
}

/// How many nodes there are, and those that are not up.
fn judge(answer: &[u8], kind: &str) -> Result<(usize, Vec<String>), String> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| "the answer is no JSON".to_owned())?;
    let nodes =
        answer.as_array().or_else(|| answer.get("results")?.as_array()).ok_or("the answer is no list")?;
    let text = |node: &Value, key: &str| node.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let is_up = |node: &&Value| matches!(text(node, "state").as_str(), "ACTIVE" | "ONLINE");
    let down = nodes.iter().filter(|node| !is_up(node));
    Ok((
        nodes.len(),
        down.map(|node| format!("{kind} {} {}", text(node, "name"), text(node, "state"))).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_are_not_up_are_named() {
        let answer = br#"[{"name": "cnode-1", "state": "ACTIVE"}, {"name": "cnode-2", "state": "FAILED"}]"#;
        assert_eq!(judge(answer, "CNode"), Ok((2, vec!["CNode cnode-2 FAILED".to_owned()])));
        assert_eq!(
            judge(br#"{"results": [{"name": "d", "state": "ONLINE"}]}"#, "DNode"),
            Ok((1, Vec::new()))
        );
        assert!(judge(b"<html>", "CNode").is_err() && judge(b"{}", "CNode").is_err());
    }

    #[test]
    fn certificates_are_verified_unless_told_otherwise() {
        let vms = |verify_tls| Vms { url: "https://v/".into(), credentials: "/c".into(), verify_tls };
        let options = |verify, login: &str| super::options(&vms(verify), login, "cnodes");
        assert!(!options(true, "u:p").contains("insecure") && options(false, "u:p").contains("\ninsecure\n"));
        assert!(
            options(true, "u:p\"x").contains("url = \"https://v/api/cnodes/\"\n")
                && options(true, "u:p\"x").contains("user = \"u:p\\\"x\"")
        );
        assert!(options(true, "token").contains("header = \"Authorization: Api-Token token\""));
    }
}
