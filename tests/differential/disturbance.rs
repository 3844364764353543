//! Answers as no model gives them: refused, cut, lengthened, altered. What is
//! done to an answer depends on the seed, the request and how often it came, so
//! both programs meet the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use ipmi::{CompletionCode, Request, Response};

use crate::support::grammar::Draw;
use crate::support::random::Random;

/// Completion codes that BMCs have (IPMI 2.0 table 5-2), and commands' own.
const CODES: &[u8] = &[
    0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xD0,
    0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xFF, 0x80, 0x81, 0x82, 0x83, 0x01, 0x7E,
];

/// The answer, one time in ten another.
pub(super) fn disturbed(seed: u64, request: &Request, asked: usize, mut answer: Response) -> Response {
    let mut hasher = DefaultHasher::new();
    (seed, request.netfn, request.cmd, &request.data, asked).hash(&mut hasher);
    let mut random = Random::new(hasher.finish());
    if random.below(10) > 0 {
        return answer;
    }
    let len = answer.data.len();
    match random.below(6) {
        0 => return Response { completion: CompletionCode(random.one(CODES)), data: Vec::new() },
        1 => answer.completion = CompletionCode(random.one(CODES)),
        2 => answer.data.truncate(random.below(len + 1)),
        3 => {
            let more = 1 + random.below(4);
            answer.data.extend(random.bytes(more));
        }
        _ if len > 0 => answer.data[random.below(len)] = random.byte(),
        _ => {}
    }
    answer
}
