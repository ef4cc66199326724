//! The little of Markdown that the checks need: fenced blocks, prose, links.

/// A fenced code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence<'a> {
    /// The word after the opening fence, such as `sh`.
    pub(crate) language: &'a str,
    /// The lines inside with their numbers in the file, from 1.
    pub(crate) lines: Vec<(usize, &'a str)>,
}

/// A file taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// Everything outside fenced blocks, with line numbers from 1.
    pub(crate) prose: Vec<(usize, &'a str)>,
    /// The fenced blocks in order.
    pub(crate) fences: Vec<Fence<'a>>,
}

/// Separates fenced blocks from prose. A block that is never closed reaches to the end.
pub(crate) fn parts(text: &str) -> Parts<'_> {
    let mut parts = Parts::default();
    let mut open: Option<(&str, Fence<'_>)> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        open = match open {
            Some((mark, fence)) if trimmed.starts_with(mark) && is_mark(trimmed) => {
                parts.fences.push(fence);
                None
            }
            Some((mark, mut fence)) => {
                fence.lines.push((index + 1, line));
                Some((mark, fence))
            }
            None => match mark(trimmed) {
                Some(mark) => {
                    let info = trimmed[mark.len()..].trim();
                    let language = info.split([' ', ',']).next().unwrap_or_default();
                    Some((mark, Fence { language, lines: Vec::new() }))
                }
                None => {
                    parts.prose.push((index + 1, line));
                    None
                }
            },
        };
    }
    parts.fences.extend(open.map(|(_, fence)| fence));
    parts
}

/// The run of backticks or tildes that opens a block.
fn mark(line: &str) -> Option<&str> {
    let len = ["`", "~"].map(|c| line.len() - line.trim_start_matches(c).len());
    let len = len[0].max(len[1]);
    (len >= 3).then(|| &line[..len])
}

fn is_mark(line: &str) -> bool {
    mark(line).is_some_and(|mark| mark.len() == line.trim_end().len())
}

/// The targets of the links and images in a line of prose, inline code left out.
pub(crate) fn links(line: &str) -> Vec<String> {
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let mut targets: Vec<&str> =
        text.match_indices("](").filter_map(|(at, _)| text[at + 2..].split(')').next()).collect();
    // The definition of a reference: `[name]: target`.
    if let Some(rest) = text.trim_start().strip_prefix('[')
        && let Some((_, target)) = rest.split_once("]: ")
    {
        targets.push(target);
    }
    let bare = |target: &&str| target.split_whitespace().next().map(str::to_owned);
    targets.iter().filter_map(bare).map(|t| t.trim_matches(['<', '>']).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_and_prose_are_separated() {
        let text = "a\n```sh title\n$ one\n\n```\nb\n~~~\n```\n~~~\n````text\n```\nx";
        let parts = parts(text);
        assert_eq!(parts.prose, [(1, "a"), (6, "b")]);
        let sh = Fence { language: "sh", lines: vec![(3, "$ one"), (4, "")] };
        let tildes = Fence { language: "", lines: vec![(8, "```")] };
        let unclosed = Fence { language: "text", lines: vec![(11, "```"), (12, "x")] };
        assert_eq!(parts.fences, [sh, tildes, unclosed]);
    }

    #[test]
    fn links_images_and_references_are_found_but_not_code() {
        let line = "[a](b.md) and ![i](<c.png> \"title\"), not `[x](y)`, [d](e.md#f)";
        assert_eq!(links(line), ["b.md", "c.png", "e.md#f"]);
        assert_eq!(links("[name]: docs/x.md"), ["docs/x.md"]);
        assert_eq!(links("nothing (here) [at] all"), Vec::<String>::new());
    }
}
