"""Local data flow in Rust functions: what a name stands for at the place where it is read.

Lets (shadowed, destructured, assigned and pushed to later), parameters, closures, loops over zipped iterators,
constants and statics across modules, and local helper functions are followed. What cannot be followed is unknown,
and nothing is concluded from it.
"""

from __future__ import annotations

from pytest_mens.views.flow.binders import Binder, Step
from pytest_mens.views.flow.body import Atom, Body, Callee
from pytest_mens.views.flow.engine import Call, Flow, Frame, Place, Trace, flow
from pytest_mens.views.flow.source import Source, source
from pytest_mens.views.flow.syntax import arguments, expressions, strip, struct_field, tail

__all__ = [
    "Atom",
    "Binder",
    "Body",
    "Call",
    "Callee",
    "Flow",
    "Frame",
    "Place",
    "Source",
    "Step",
    "Trace",
    "arguments",
    "expressions",
    "flow",
    "source",
    "strip",
    "struct_field",
    "tail",
]
