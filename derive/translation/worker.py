"""Runs emitted modules: a process of its own that reads requests on standard input and answers on standard output.

A request is a marshalled dict after its length in four bytes: `source`, `function`, `cases` (each a dict of arguments), `examples`
(Python expressions of our own making, answered with their text), `namespace` (the module whose arrays they are). Values are numbers or
("array", dtype, shape, flat list). An answer has one entry for each case: the value, or an error, and the warnings that it raised. NumPy
is imported at the first breath.
"""

from __future__ import annotations

import contextlib
import importlib
import marshal
import sys
from typing import Any, BinaryIO

MEMORY = 2 << 30
CPU_SECONDS = 600
IDLE = 0.3  # seconds without a request after which SciPy is loaded in advance


def _decoded(value: Any, namespace: Any) -> Any:
    if isinstance(value, tuple) and value and value[0] == "array":
        _, dtype, shape, flat = value
        return namespace.reshape(namespace.asarray(flat, dtype=getattr(namespace, dtype)), shape)
    return value


def _encoded(value: Any, numpy: Any) -> Any:
    if hasattr(value, "_asdict"):
        return ("fields", [(key, _encoded(part, numpy)) for key, part in value._asdict().items()])
    array = numpy.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"the result is not numeric: {type(value).__name__}")
    if array.dtype.kind == "c":
        raise TypeError("the result is complex")
    return ("array", str(array.dtype), array.shape, array.astype(float).ravel().tolist())


def _run(request: dict[str, Any], numpy: Any) -> dict[str, Any]:
    import warnings

    space: dict[str, Any] = {"__name__": "emitted"}
    try:
        exec(compile(request["source"], "emitted.py", "exec"), space)  # our own emitted code, never text of a user
        namespace = numpy if request.get("namespace", "numpy") == "numpy" else importlib.import_module(request["namespace"])
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    results = []
    for case in request["cases"]:
        arguments = {key: _decoded(value, namespace) for key, value in case.items()}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value, problem = _encoded(space[request["function"]](**arguments), numpy), ""
            except Exception as error:
                value, problem = None, f"{type(error).__name__}: {error}"
        results.append((value, problem, [str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)]))
    shown = []
    for example in request.get("examples", ()):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                shown.append(repr(eval(example, {"np": numpy, **space})))  # an example of our own making
        except Exception as error:
            shown.append(f"{type(error).__name__}")
    return {"results": results, "examples": shown}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the input ends."""
    import select

    import numpy

    served = False
    while True:
        if served and "scipy.special" not in sys.modules and not select.select([requests], [], [], IDLE)[0]:
            with contextlib.suppress(ImportError):
                importlib.import_module("scipy.special")
        head = requests.read(4)
        if len(head) < 4:
            return
        request = marshal.loads(requests.read(int.from_bytes(head, "little")))
        try:
            answer = _run(request, numpy)
        except MemoryError:
            answer = {"failed": "MemoryError"}
        body = marshal.dumps(answer)
        answers.write(len(body).to_bytes(4, "little") + body)
        answers.flush()
        served = True


def main() -> None:
    """Limit memory and time, keep standard output for answers, serve."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
