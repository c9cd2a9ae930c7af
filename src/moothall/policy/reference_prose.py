"""The words between the tables of the reference."""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = """\
<!-- Made by `python -m moothall.policy.reference`; change it there. -->

# The policy file

One file, `house-rules.yaml`, is the page the public reads, the guide for officers and the rule the machine applies.

| command | does |
|---|---|
| `moothall policy example [NAME]` | lists the rules that ship, or prints one of them to start from |
| `moothall policy check FILE` | says what is wrong with a file, with line, column and the nearest known name |
| `moothall policy show FILE` | prints it for officers |
| `moothall policy page FILE` | writes the public page |
| `moothall policy test CASES --policy FILE` | tries it on [cases with a known outcome](policy-test.md) |
| `moothall policy diff OLD NEW` | says in sentences what changed |
| `moothall policy schema` | prints the JSON Schema for editors |

The file is plain YAML in UTF-8, at most 256 KiB. Tags (`!x`), anchors and aliases (`&x`, `*x`), a key twice in one place
and more than one document are refused. A text that begins with `!`, `*` or `&`, or has a colon and a blank in it, needs
quotes. A placeholder that nothing fills is refused."""

EDITOR: Final = """\
## In an editor

[`house-rules.schema.json`](house-rules.schema.json) is the schema of the file. An editor with YAML support (the YAML language
server, as in VS Code, Neovim, Emacs) completes keys and words and explains them when the first line of the policy names it:

```yaml
# yaml-language-server: $schema=./house-rules.schema.json
```

`moothall policy schema --out house-rules.schema.json` writes it beside the policy. The schema sees keys, words and numbers.
Conditions, placeholders and clauses that nobody can reach are seen by `moothall policy check`, which has the last word."""

GROUNDS_INTRO: Final = """\
## Grounds

Why a comment may come down. A clause names those it is about; what no clause names is no reason to act. What the detectors'
labels mean stands in [Labels](labels.md). `judged_inappropriate` is the officers' own judgement, which no detector finds. A
policy's own `facts` may be grounds too."""

FACTS_INTRO: Final = """\
## Facts

What an officer may state about a comment. An officer's word wins over a detector's. The questions can be worded anew, and
more facts added, under `facts`. A fact of a policy's own may be a ground unless its name has `critic`, `sentiment`,
`complain` or `negativ` in it."""

CONDITIONS: Final = """\
## Conditions

A condition is a [CEL](https://cel.dev) expression of at most 1,000 characters: the names below, all facts, the policy's own
`counts`, values in quotes, whole numbers, and `&&` (and), `||` (or), `!` (not), `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`,
`? :`. For example:

```yaml
when: abuse && !(target in ['politician', 'unknown'])
when: repeat_posts >= 3 && off_topic
during: pre_election || poll_in_days <= 2
```

When the file is loaded, a condition is tried with every combination of values: one that can never be true, or that mixes
what does not go together, is refused. `criticism` may only make a clause narrower."""

UNKNOWN: Final = """\
### True, false, unknown

What is not known is **unknown**, never false. `and` with something false is false, `or` with something true is true, whatever
else is unknown; otherwise the outcome is unknown. Unknown never makes a clause apply and never allows a measure. The trace of an
assessment says `unknown:` and the names that were missing."""

COMBINE: Final = """\
## How clauses combine

This is fixed, and no file changes it.

1. A clause applies when `when` and `during` are true, `unless` is not, and one of its grounds was found, stated or proved. A
   clause without grounds allows nothing; it may say how to reply.
2. A measure is allowed under the clause that allows it, when what it `needs` is known to be true. The sum of all clauses is for
   display; a decision names one clause.
3. Each clause recommends its measure when a ground reaches the threshold for it, `recommend_when` holds and the measure is
   allowed just now; otherwise `ignore`. Where a step goes `first` and has not been taken, the step comes and `meanwhile` is
   recommended. That an account looks like the council's raises `brand_misuse` and recommends nothing until an officer has
   stated `confusing`.
4. The strongest recommendation counts, ties by the order of the file. That clause leads; where nothing is recommended, the
   first that asks for a step, else the first that applies.
5. Then the ladder: it may raise the recommendation, never lower it.
6. When the reading is unsure, `ignore` is recommended. When somebody may be at risk, too, unless a threat or a private
   person's details stand there: taking those down is part of the help. Criticism in which the reader only suspects something
   else is offered nothing but `ignore`.
7. The reply is help for a person at risk; else the answer to somebody who asks for a review of a ban; else that of the first
   clause with a `reply`; else the route's, but no answer where a clause says `answered: false`.
8. A second officer is needed when the clause, the settings or the rung ask for it for the measure recommended.
9. The author is told as the rung says, else the clause, else the settings; else not at all of a measure, and by direct message
   of a step. The letter is the rung's, else the clause's."""

LADDER: Final = """\
## The ladder

A strike is an act of the kinds in `counts` in the author's record, on that platform with this council, on a ground that
counts; and this comment, when a clause applies for certain. Grounds that only clauses with `strike: false` name do not count,
and party politics never does.

A rung holds when this comment is at least the `strikes`-th strike `within` the window, on one of `grounds` (none given: on any)
or, with `same_ground`, on the very ground of this comment; when there were at least `bans` earlier bans; and, with
`only_if_warned`, when a warning stands in the same window. A record that is not known counts as empty.

The **last** rung that holds and whose `measure` a clause that applies allows is the one that counts: put the mildest first. If
its step has not been taken, the step comes and the recommendation stays; else its measure is recommended, unless something
stronger is already. A clause whose `recommends` is written as `ignore` is left alone.

A rung with a `ban` also says which ban a block is: the last such rung that holds counts, whoever or whatever leads to the
block. It needs no measure of its own for that: “who was blocked before on the same ground is blocked for ever”.

“Within 30 days”: an act counts when its day + 30 days is after the day of the comment."""

STEPS_INTRO: Final = """\
## Steps

What goes before a measure. A warning, once given, stands for good, or for `first_within` or the rung's `within`. A notice of
intent has done its work when a block follows it. While the time to `wait` runs, the outcome is `await_representations`, and the
measure is not yet recommended. The last step in the table and `wait` belong together."""

LETTERS_INTRO: Final = """\
## Letters

A letter may use the contacts, as `{review.url}`, and these placeholders. A measure or a step takes its letter from `letter`."""

BANS: Final = """\
## Bans and reviews

The rule for a ban is that of the last rung with a `ban` which held when it was put in place, else the clause's, else that of
the settings. A ban of 12 months is over on the day 12 calendar months later; months are cut to the end of a short one: 31 August
and 6 months is 28 or 29 February.

Somebody who was banned and asks for a review (the fact `review_request`) is told:

| status | when | reply |
|---|---|---|
| `open` | the first day of the review has come | `signpost-review` |
| `too_early` | a review on request, before its day | `signpost-review_date` |
| `scheduled` | an automatic review, before its day | `signpost-review_date` |
| `runs_out` | no review, and the ban has an end | `signpost-review_date` |
| `not_available` | no review and no end, or no ban | `signpost-complaints` |
| `ended` | the ban is over | `none` |"""

PERIOD: Final = """\
## The pre-election period

It begins at 00:00 on its first day, on the wall clock in London: so many `weeks` before polling day, with the `notice` of
election, or with the `earlier` of the two. Where the day of the notice is not known, the last day on which the law allows it
counts: 25 working days before the poll. An election that comes by surprise opens no period before it was called. Only the kinds
under `elections` open one. `pre_election` is true in a period that an officer has confirmed."""

FLOORS: Final = """\
## Floors

No file can lift these.

- Without a ground that the file names, nothing but `ignore` is allowed.
- Criticism, feeling or a route alone is never a ground; nor is the day, the place or somebody's past.
- A person at risk is helped first: route `safeguard` has the reply `signpost-safeguard` and urgency 1.
- The officers' own judgement needs a written reason, and no detector can claim it.
- A removal for party politics never counts towards a ban, and nobody is blocked for politics.
- Nothing is carried out because it is recommended: a person decides."""

PYTHON: Final = """\
## From Python

```python
from moothall.policy import load, assess, check_decision, Facts, Circumstances, PolicyError
from moothall.policy import differences, differences_as_json, schema

policy = load("house-rules.yaml")  # PolicyError.errors: [{line, column, message, hint, code}, …]
assessment = assess(policy, signals, Facts(repeats=0), Circumstances(pre_election=False))
assessment.as_dict(), assessment.clauses, assessment.refused, assessment.trace
clause = check_decision(policy, "be-polite", "abuse", ["hide"], circumstances=Circumstances(), reason="")
differences(policy, load("new-rules.yaml"))  # ["Bans are reviewed after 3 months instead of 6.", …]
differences_as_json(policy, load("new-rules.yaml"))  # [{"area", "clause", "kind", "sentence"}, …]
schema()  # the JSON Schema as a dict
```"""
