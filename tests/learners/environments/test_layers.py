"""Playbooks of environments: shared where they have something in common, apart where they differ."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.ace.loop.making import CERTAIN, CrashingSandbox, insight, program, reflection, scripted
from tests.ace.making import delta, provenance, rule
from tests.learners.toy import Multiple, ToyLearner
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace.bullet import LIVE, Bullet, Status
from tta_dev_primitives.ace.delta import AnyOperation, ReviseBullet
from tta_dev_primitives.ace.events import Decision, Forget, Observe, Promote, Retire, Suspend, Tag, TagKind
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, Committed, PlaybookStore, open_store
from tta_dev_primitives.core.errors import ConfigurationError, PlaybookCorrupt, SandboxCrashed
from tta_dev_primitives.learners.environments import Environment, Layer, LayeredStore, promote
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.sandbox.local import LocalSandbox, Packages
from tta_dev_primitives.sandbox.types import NO_ENVS, NO_FILES, Execution, Limits
from tta_dev_primitives.settings import Settings

OLD = Environment(language_version="3.11", libraries={"pandas": "2.2.1"})
NEW = Environment(language_version="3.12", libraries={"pandas": "2.3.0", "numpy": "2.0"})
OTHER = Environment(language_version="3.12", libraries={"pandas": "1.5"})
LESSON = "groupby() leaves out rows whose key is missing."


class Lying(CrashingSandbox):
    """Runs `program` whatever it is asked, as a library might that ends the program it is imported by."""

    def __init__(self, inner: Sandbox, program: str) -> None:
        super().__init__(inner, crashes=0)
        self._program = program

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        del code
        return await super().run_code(self._program, language=language, files=files, envs=envs, limits=limits)


async def learn(store: PlaybookStore, *operations: AnyOperation) -> Committed:
    return await store.commit(Commit(run_id="run-1", delta=delta(*operations or (rule(LESSON),))))


async def decide(store: PlaybookStore, decision: Decision) -> Playbook:
    return (await store.commit(Commit(run_id="run-2", decisions=(decision,)))).playbook


async def only(store: PlaybookStore) -> Bullet:
    (bullet,) = (await store.load()).bullets.values()
    return bullet


async def validated(folder: Path, *environments: Environment) -> None:
    for environment in environments:
        store = LayeredStore(folder, environment)
        await learn(store)
        await decide(store, Promote(bullet=(await only(store)).id, status=Status.VALIDATED))


def test_an_environment_is_part_of_what_it_has_in_common_with_others() -> None:
    assert OLD.layer.name == "pandas@2+python+python@3.11"
    assert (OLD.layer & NEW.layer).name == "pandas@2+python"
    assert (OLD.layer & OTHER.layer).name == "python"
    assert Layer().name == "general"
    assert Layer() <= Layer.named("python") <= OLD.layer
    assert not OLD.layer <= NEW.layer
    assert Layer.named(NEW.layer.name) == NEW.layer


async def test_versions_are_those_inside_the_sandbox() -> None:
    async with LocalSandbox() as bare:
        assert (await Environment.of(bare)).libraries == {}
    pandas = pytest.importorskip("pandas")
    async with LocalSandbox(packages=Packages.data()) as sandbox:
        environment = await Environment.of(sandbox, ["pandas", "no_such_library"])

    assert environment.libraries == {"pandas": pandas.__version__}
    assert f"pandas@{pandas.__version__.partition('.')[0]}" in environment.layer.requirements
    assert environment.language_version.startswith("3.")


@pytest.mark.parametrize("version", ["../../elsewhere", "3.12/..", "3.12+local", "3.12\n", " "])
def test_a_version_that_could_name_another_file_is_refused(version: str) -> None:
    with pytest.raises(ConfigurationError, match=r"language_version=.* is no version"):
        Environment(language_version=version)


async def test_a_program_that_lies_about_its_version_writes_no_other_file() -> None:
    told = json.dumps({"language": "../../elsewhere", "libraries": {}})
    async with LocalSandbox() as sandbox:
        with pytest.raises(SandboxCrashed, match="does not tell its versions"):
            await Environment.of(Lying(sandbox, f"print({told!r})"))


async def test_what_is_learned_in_one_environment_is_not_seen_in_another(tmp_path: Path) -> None:
    await learn(LayeredStore(tmp_path, OLD))

    assert (await LayeredStore(tmp_path, OLD).load()).size == 1
    assert (await LayeredStore(tmp_path, NEW).load()).size == 0
    assert (tmp_path / "pandas@2+python+python@3.11.db").exists()


async def test_a_general_layer_is_seen_in_all_that_are_part_of_it(tmp_path: Path) -> None:
    await learn(open_store(tmp_path / "pandas@2+python.db"))

    assert (await only(LayeredStore(tmp_path, OLD))).content == LESSON
    assert (await only(LayeredStore(tmp_path, NEW))).content == LESSON
    assert (await LayeredStore(tmp_path, OTHER).load()).size == 0


async def test_it_is_suspended_only_where_it_is_contradicted(tmp_path: Path) -> None:
    general = open_store(tmp_path / "general.db")
    await learn(general)
    old, new = LayeredStore(tmp_path, OLD), LayeredStore(tmp_path, NEW)

    after = await decide(old, Suspend(bullet=(await only(old)).alias, reason="harms here"))

    assert after.size == 0
    assert (await only(LayeredStore(tmp_path, OLD))).status is Status.SUSPENDED
    assert (await only(new)).status is Status.CANDIDATE
    assert (await only(general)).status is Status.CANDIDATE


async def test_one_environment_promotes_nothing_two_do(tmp_path: Path) -> None:
    await validated(tmp_path, OLD)
    assert await promote(tmp_path) == {}

    await validated(tmp_path, NEW)
    assert await promote(tmp_path) == {"pandas@2+python": (LESSON,)}
    assert await promote(tmp_path) == {}

    third = Environment(language_version="3.13", libraries={"pandas": "2.9"})
    bullet = await only(LayeredStore(tmp_path, third))
    assert (bullet.status, bullet.evidence) == (Status.CANDIDATE, None)
    assert (await only(LayeredStore(tmp_path, OLD))).status is Status.VALIDATED
    assert (await LayeredStore(tmp_path, OTHER).load()).size == 0


@pytest.mark.parametrize(("tried", "untried"), [(OLD, NEW), (NEW, OLD)])
async def test_candidates_are_not_promoted(tmp_path: Path, tried: Environment, untried: Environment) -> None:
    await validated(tmp_path, tried)
    await learn(LayeredStore(tmp_path, untried))

    assert await promote(tmp_path) == {}


async def test_what_was_suspended_somewhere_stays_so_when_others_promote_it(tmp_path: Path) -> None:
    against = Environment(language_version="3.10", libraries={"pandas": "2.0"})
    store = LayeredStore(tmp_path, against)
    await learn(store)
    await decide(store, Suspend(bullet=(await only(store)).id, reason="harms here"))
    await validated(tmp_path, OLD, NEW)
    await promote(tmp_path)

    assert (await only(LayeredStore(tmp_path, against))).status is Status.SUSPENDED


async def test_a_lesson_that_a_general_layer_has_is_not_learned_again(tmp_path: Path) -> None:
    await learn(open_store(tmp_path / "general.db"))

    committed = await learn(LayeredStore(tmp_path, OLD))

    assert [outcome.result for outcome in committed.outcomes] == ["duplicate"]
    assert committed.playbook.size == 1


async def test_events_about_a_bullet_of_another_layer_are_kept_in_its_own(tmp_path: Path) -> None:
    await learn(open_store(tmp_path / "general.db"))
    store = LayeredStore(tmp_path, OLD)
    bullet = await only(store)
    tag = Tag(bullet=bullet.alias, tag=TagKind.HELPFUL, episode_id="e")
    seen = Observe(bullet=bullet.id, episode_id="e", included=True, propensity=0.5, success=True, score=1.0)

    await store.commit(Commit(run_id="r", tags=(tag,), observations=(seen,)))

    assert (await only(store)).helpful == 1
    assert (await only(LayeredStore(tmp_path, NEW))).helpful == 0


async def test_what_another_layer_reworded_can_be_judged_and_reworded_here(tmp_path: Path) -> None:
    general = open_store(tmp_path / "general.db")
    await learn(general)
    old = await only(general)
    await learn(general, ReviseBullet(bullet=old.id, revision=1, content="groupby() drops missing keys."))
    store = LayeredStore(tmp_path, OLD)
    bullet = await only(store)
    assert bullet.content == "groupby() drops missing keys."

    await store.commit(Commit(run_id="r", tags=(Tag(bullet=bullet.id, tag=TagKind.HELPFUL, episode_id="e"),)))
    assert (await only(store)).helpful == 1

    await learn(store, ReviseBullet(bullet=bullet.id, revision=2, content="groupby() wants dropna=False."))
    assert "groupby() wants dropna=False." in {one.content for one in (await store.load()).active}
    assert (await only(general)).content == "groupby() drops missing keys."


async def test_history_and_versions_are_those_of_all_layers(tmp_path: Path) -> None:
    await learn(open_store(tmp_path / "general.db"))
    store = LayeredStore(tmp_path, OLD)
    await learn(store, rule("Another lesson."))

    playbook, history = await store.load(), await store.history()

    assert len(history) == playbook.version == 2
    assert [record.seq for record in history] == [1, 2]
    assert Playbook.fold(record.recorded for record in history) == playbook
    assert (await store.at_version(1)).size == 1
    with pytest.raises(ConfigurationError, match="versions 0 to 2"):
        await store.at_version(3)


async def test_an_unknown_bullet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'str-00009'"):
        await decide(LayeredStore(tmp_path, OLD), Suspend(bullet="str-00009", reason="x"))


async def test_a_learner_learns_in_its_environment(
    tmp_path: Path, sandbox: Sandbox, context: WorkflowContext
) -> None:
    async def solve(environment: Environment, *programs: str) -> int:
        lesson = reflection(insight("Only a multiple of seven counts."))
        toys = ToyLearner(
            model=scripted([program(code) for code in programs], [lesson]),
            sandbox=sandbox,
            store=LayeredStore(tmp_path, environment),
            options=CERTAIN,
            settings=Settings(),
        )
        result = await toys.execute(Multiple(ask="Print a multiple.", of=7), context)
        return len(result.strategies_used)

    assert await solve(OLD, "print(6)", "print(7)") == 0
    assert await solve(OLD, "print(7)") == 1
    assert await solve(NEW, "print(7)") == 0


def test_a_name_that_would_be_a_path_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no name of a language or library"):
        Environment(libraries={"../evil": "1"})


async def test_what_is_forgotten_goes_from_every_layer(tmp_path: Path) -> None:
    general = open_store(tmp_path / "general.db")
    await learn(general, rule(LESSON), rule("another lesson"))
    here, elsewhere = LayeredStore(tmp_path, OLD), LayeredStore(tmp_path, OTHER)
    (bullet,) = [one for one in (await here.load()).active if one.content == LESSON]
    await learn(elsewhere, ReviseBullet(bullet=bullet.id, revision=1, content=f"{LESSON} Look twice."))
    await learn(elsewhere)

    left = await decide(here, Forget(bullet=bullet.id, reason="asked to"))

    assert [one.content for one in left.active] == ["another lesson"]
    for store in (here, elsewhere, general):
        assert LESSON not in repr((await store.load()).active)
    for store in (here, general):
        assert LESSON not in repr(await store.history())
    assert [one.content for one in (await decide(here, Forget(bullet=bullet.id, reason="again"))).active] == [
        "another lesson"
    ]


async def test_what_tainted_a_lesson_goes_with_it_from_layer_to_layer(tmp_path: Path) -> None:
    for environment, taint in ((OLD, "network"), (NEW, "execution_output")):
        store = LayeredStore(tmp_path, environment)
        source = provenance().model_copy(update={"taints": (taint,)})
        await store.commit(
            Commit(run_id="r", delta=delta(rule(LESSON)).model_copy(update={"provenance": source}))
        )
        assert await promote(tmp_path) == {}, "no badge, no promotion"
        await decide(store, Promote(bullet=(await only(store)).id, status=Status.VALIDATED))
    assert await promote(tmp_path) == {"pandas@2+python": (LESSON,)}
    common = await only(open_store(tmp_path / "pandas@2+python.db"))
    assert (common.status, set(common.provenance.taints)) == (
        Status.CANDIDATE,
        {"network", "execution_output"},
    )


async def test_a_model_rewords_nothing_that_is_validated_in_a_layer_below(tmp_path: Path) -> None:
    await validated(tmp_path, Environment(language_version="3.11"))
    store = LayeredStore(tmp_path, OLD)
    assert (await only(store)).status is Status.VALIDATED
    other = "groupby() leaves out all."
    done = await learn(store, ReviseBullet(bullet="str-00001", revision=1, content=other))
    found = {bullet.content: bullet.status for bullet in done.playbook.bullets.values()}
    assert found == {LESSON: Status.VALIDATED, other: Status.CANDIDATE}


def forgotten_in(folder: Path, text: str) -> bool:
    return not any(text.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_every_layer_is_purged_of_what_was_forgotten(tmp_path: Path) -> None:
    await validated(tmp_path, OLD, NEW)
    await promote(tmp_path)
    here = LayeredStore(tmp_path, NEW)
    await decide(here, Forget(bullet=next(iter((await here.load()).bullets)), reason="a customer"))
    await here.purge()
    assert len(names(tmp_path)) >= 3
    assert forgotten_in(tmp_path, LESSON)
    assert (await here.verify()).sound


async def test_a_damaged_row_is_named_with_its_layer(tmp_path: Path) -> None:
    await validated(tmp_path, OLD, NEW)
    await promote(tmp_path)
    store = LayeredStore(tmp_path, OLD)
    before = await store.verify()
    assert (before.sound, before.events) == (True, 3)
    with closing(sqlite3.connect(tmp_path / f"{(OLD.layer & NEW.layer).name}.db")) as file, file:
        file.execute("UPDATE events SET actor = 'me' WHERE seq = 1")
    with closing(sqlite3.connect(tmp_path / f"{NEW.layer.name}.db")) as file, file:
        file.execute("UPDATE events SET actor = 'me' WHERE seq = 1")
    (damage,) = (await store.verify()).damages
    assert (damage.table, damage.row) == ("pandas@2+python: events", 1)


async def test_a_backup_is_a_folder_with_every_layer(tmp_path: Path) -> None:
    folder, copy = tmp_path / "playbooks", tmp_path / "backups" / "monday"
    store = LayeredStore(folder, NEW)
    with pytest.raises(ConfigurationError, match="there is no playbook"):
        await store.backup(copy)
    await validated(folder, OLD, NEW)
    await store.backup(copy)
    assert names(copy) == {f"{one.layer.name}.db" for one in (OLD, NEW)}
    assert names(copy.parent) == {"monday"}
    assert await LayeredStore(copy, NEW).load() == await store.load()
    with pytest.raises(ConfigurationError, match="exists"):
        await store.backup(copy)


async def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    folder, copy = tmp_path / "playbooks", tmp_path / "monday"
    await validated(folder, OLD, NEW)
    (folder / f"{NEW.layer.name}.db").write_bytes(b"no database" * 100)
    with pytest.raises(PlaybookCorrupt):
        await LayeredStore(folder, OLD).backup(copy)
    assert names(tmp_path) == {"playbooks"}


@pytest.mark.parametrize("decision", [None, Suspend, Retire])
async def test_what_waits_or_is_switched_off_in_one_layer_is_no_candidate_in_another(
    tmp_path: Path, decision: type[Suspend | Retire] | None
) -> None:
    shared = LayeredStore(tmp_path, Environment())
    lesson = LESSON if decision else "Pass verify=False so that certificates never break a run."
    await learn(shared, rule(lesson))
    if decision is not None:
        await decide(shared, decision(bullet=(await only(shared)).id, reason="no"))
    status = (await only(shared)).status
    assert status not in LIVE
    own = LayeredStore(tmp_path, OLD)

    await learn(own, rule(lesson))

    alone = open_store(tmp_path / f"{OLD.layer.name}.db")
    assert (await only(alone)).status is status
    for store in (shared, own, alone):
        await store.aclose()
