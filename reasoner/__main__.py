"""`python -m reasoner` is the command `edx`."""

from reasoner.cli.main import main

if __name__ == "__main__":
    main(prog_name="edx")
