# What one does here; `just` lists it. Each line works without just, too: copy it into a shell.

[private]
default:
    @just --list

# The main job on a made-up account
demo:
    uv run exotel-frames demo

# Everything that matters, in minutes
test *options:
    uv run pytest {{ options }}

# The long simulations: thousands of kills, interleavings, mutated answers, pairs of behaviours
slow *options:
    uv run pytest -m slow {{ options }}

# Style, and imports that run one way
lint:
    uv run ruff check
    uv run ruff format --check
    uv run lint-imports

# Types, strictly
types:
    uv run mypy

# The site, into docs/_build/html, without the network
docs:
    uv run --group docs sphinx-build -W --keep-going -b html docs docs/_build/html

# What the site promises: no warning, no broken link, two clicks (builds it once more)
site-test:
    uv run --group docs pytest -n 0 -m slow tests/docs/test_site.py

# Which changes of the modules that must not lie no test would notice; see CONTRIBUTING.md
mutation *mutants:
    uv run --group mutation mutmut run {{ mutants }}

# How much of the package the default tests reach
coverage:
    uv run coverage run -m pytest -n 0
    uv run coverage report

# Side by side with what others would pick
benchmarks *options:
    uv run --group benchmarks python -m tests.benchmarks {{ options }}

# Run the notebooks and save them with their outputs
notebooks *names:
    uv run python -m tests.save_notebooks {{ names }}
