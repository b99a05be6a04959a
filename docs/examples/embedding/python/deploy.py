"""Deploys a project: python3 deploy.py PROJECT [CONNECTION]"""

import sys

import snowmaker


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print("snowmaker", snowmaker.version())
    with snowmaker.Project(path=sys.argv[1], variables={"team": "science"}) as project:
        validation = project.validate()
        for diagnostic in validation["diagnostics"]:
            print(f"{diagnostic['severity']}: {diagnostic['summary']}", file=sys.stderr)
        if not validation["valid"]:
            sys.exit(1)
        with project.deploy(connection=sys.argv[2] if len(sys.argv) > 2 else "emulator") as deployment:
            plan = deployment.plan(on_event=show)
            print(plan.render())
            if plan.document["errors"]:
                sys.exit(1)
            result = deployment.apply(plan, on_event=show)
            print(f"{len(result['done'])} statements, run {result['run']}")
            left = deployment.plan().document
            print("a new plan:", "nothing to do" if left["empty"] else "there is more to do")
            sys.exit(0 if left["empty"] else 1)


def show(event):
    if event["event"] == "progress":
        print(event["message"], file=sys.stderr)
    elif event["event"] == "finished":
        print(f"{event['seconds'] * 1000:.0f} ms  {event['sql']}", file=sys.stderr)


if __name__ == "__main__":
    main()
