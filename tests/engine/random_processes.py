"""Random structured processes in the normal form, for the property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.definitions.model import Process
from engine.definitions.stored import Compiled
from tests.engine.drawing import BELLS, FLAGS, THROWN, Block, Drawing


def blocks() -> st.SearchStrategy[Block]:
    flags, times = st.integers(0, len(FLAGS) - 1), st.integers(0, 3)
    leaf = st.one_of(
        st.builds(Block, st.just("user")),
        st.builds(Block, st.just("user")),
        st.builds(Block, st.just("script")),
        st.builds(
            Block, st.just("many"), times=times, text=st.sampled_from(["parallel", "sequential", "standard", "some"])
        ),
        st.builds(Block, st.just("bell"), flag=flags, times=times, text=st.sampled_from(sorted(BELLS))),
        st.builds(Block, st.just("catch"), flag=flags, text=st.sampled_from(["post", "heard"])),
        st.just(Block("link")),
    )

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        one = inner.map(lambda block: (block,))
        return st.one_of(
            st.builds(Block, st.just("sequence"), several),
            st.builds(Block, st.sampled_from(["xor", "and", "or", "implicit"]), several, flags),
            st.builds(Block, st.sampled_from(["loop", "sub", "call"]), one, times=times),
            st.builds(
                Block,
                st.sampled_from(["many", "many call"]),
                one,
                times=times,
                text=st.sampled_from(["parallel", "sequential", "standard"]),
            ),
            st.builds(Block, st.sampled_from(["bell", "aside"]), one, flags, times, st.sampled_from(sorted(BELLS))),
            st.builds(Block, st.just("race"), several),
            st.builds(Block, st.sampled_from(["fail", "given"]), one, flags),
            st.builds(Block, st.just("throw"), one, flags, times, st.sampled_from(sorted(THROWN))),
            st.builds(Block, st.just("stop"), st.tuples(inner, inner)),
        )

    return st.recursive(leaf, grow, max_leaves=9)


def definition_of(block: Block) -> Compiled:
    """The process drawn, and those it calls; an event sub-process drawn outermost is the process's own."""
    drawing = Drawing()
    scope = drawing.watched(block) if block.kind == "aside" else drawing.scope(block)
    return Compiled(Process("p", scope), drawing.called)
