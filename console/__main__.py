"""Run the program:  python -m console."""

from console.program import app

if __name__ == "__main__":
    app(prog_name="stigg-actions")
