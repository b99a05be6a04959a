"""libsnowmaker.so as other programs see it: through ctypes, on the emulator. Run by .ci/embedding."""

import ctypes
import os
import re
import signal
import subprocess
import tempfile
import threading
import unittest

import snowmaker

PROGRAM = os.environ["SNOWMAKER_PROGRAM"]
TEAM = "roles:\n  - name: reader\n    comment: one\n"


class Emulator:
    """An account emulator in a process of its own."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "emulator", "--password-env", "EMULATOR_PASSWORD", *options], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env={**os.environ, "EMULATOR_PASSWORD": "a-Password-1"})
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = found[1]
                break
        else:
            raise AssertionError("the emulator did not start")
        self.reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.reader.start()

    @property
    def parameters(self):
        return {
            "account": "emulator", "user": "SNOWMAKER", "password": "a-Password-1", "host": "127.0.0.1",
            "port": self.port, "protocol": "http"}

    def stop(self):
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.reader.join()
        self.process.stdout.close()


class EmbeddingTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write(TEAM)

    def write(self, text, name="team.yml"):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def project(self, **options):
        project = snowmaker.Project(path=self.folder, **options)
        self.addCleanup(project.release)
        return project

    def deployment(self, **options):
        deployment = self.project().deploy(**(options or {"connection": "emulator"}))
        self.addCleanup(deployment.release)
        return deployment

    def problem(self, function, *arguments, **options):
        with self.assertRaises(snowmaker.Problem) as caught:
            function(*arguments, **options)
        return caught.exception

    # ---- Projects

    def test_mistakes_are_told_by_validate_with_their_place(self):
        self.write("roles:\n  - name: reader\n    coment: one\n")
        result = self.project().validate()
        self.assertFalse(result["valid"])
        mistake = result["diagnostics"][0]
        self.assertEqual(mistake["severity"], "error")
        self.assertIn("coment", mistake["summary"])
        self.assertEqual((mistake["position"]["line"], mistake["position"]["column"]), (3, 5))

    def test_a_project_with_mistakes_is_not_deployed(self):
        self.write("rols: []\n")
        problem = self.problem(self.project().deploy, connection="emulator")
        self.assertEqual(problem.status, "failed")
        self.assertIn("rols", str(problem))

    def test_describe_lists_plugins_and_resources(self):
        described = self.project().describe()
        self.assertEqual([resource["address"] for resource in described["resources"]], ["role.READER"])
        rbac = next(plugin for plugin in described["plugins"] if plugin["name"] == "rbac")
        self.assertIn("role", rbac["types"])
        self.assertTrue(rbac["path"].endswith("/lib/snowmaker/plugins/libsnowmaker-rbac.so"))

    def test_schema_is_a_json_schema_of_the_loaded_types(self):
        self.assertIn("roles", self.project().schema()["properties"])

    def test_variables_reach_the_configuration(self):
        self.write("vars: [{name: team, type: string}]\nroles:\n  - name: \"{{ var.team }}_reader\"\n")
        described = self.project(variables={"team": "ops"}).describe()
        self.assertEqual(described["resources"][0]["identity"], ["OPS_READER"])

    # ---- Wrong calls

    def test_unknown_options_are_refused_by_name(self):
        problem = self.problem(snowmaker.Project, path=self.folder, targets="x")
        self.assertEqual(problem.status, "invalid")
        self.assertIn("there is no option 'targets'", str(problem))
        self.assertIn("plugin_dirs", str(problem))

    def test_options_of_the_wrong_kind_are_refused(self):
        self.assertIn("takes a text", str(self.problem(snowmaker.Project, path=3)))

    def test_options_that_are_no_json_are_refused(self):
        problem = ctypes.c_void_p()
        handle = ctypes.c_void_p()
        status = snowmaker._library.snowmaker_project_load(b"{", ctypes.byref(handle), ctypes.byref(problem))
        self.assertEqual(status, 2)
        self.assertIn("no JSON", snowmaker._text(problem))

    def test_released_and_foreign_handles_are_refused(self):
        project = self.project()
        stale = project._handle
        project.release()
        problem = ctypes.c_void_p()
        for handle in (stale, None, ctypes.c_void_p(12345)):
            self.assertEqual(
                snowmaker._library.snowmaker_project_validate(handle, None, ctypes.byref(problem)), 2)
            self.assertRegex(snowmaker._text(problem), "released|NULL")
        deployment = self.deployment()
        self.assertEqual(snowmaker._library.snowmaker_project_validate(deployment._handle, None, None), 2)
        snowmaker._library.snowmaker_project_release(stale)

    def test_null_places_are_refused(self):
        self.assertEqual(snowmaker._library.snowmaker_project_load(None, None, None), 2)

    def test_an_unknown_format_is_refused(self):
        self.assertIn("json, text, sql", str(self.problem(self.deployment().plan().render, "xml")))

    # ---- Planning and applying

    def test_plan_apply_plan(self):
        deployment, events = self.deployment(), []
        plan = deployment.plan(on_event=events.append)
        self.assertIn("CREATE ROLE READER COMMENT = 'one'", plan.render("sql"))
        self.assertIn("role.READER", plan.render("text").replace(" ", ".") + plan.render("markdown") + plan.render("json"))
        result = deployment.apply(plan, on_event=events.append)
        self.assertTrue(result["success"])
        self.assertEqual(result["done"], [0])
        self.assertEqual(
            [event["event"] for event in events if event["event"] != "progress"], ["started", "finished", "settled"])
        self.assertTrue(deployment.plan().document["empty"])

    def test_a_plan_outlives_its_deployment_and_project(self):
        project = self.project()
        deployment = project.deploy(connection="emulator")
        plan = deployment.plan()
        deployment.release()
        project.release()
        self.assertIn("CREATE ROLE READER", plan.render("sql"))
        plan.release()

    def test_drops_need_to_be_allowed(self):
        first = self.deployment()
        first.apply(first.plan())
        first.release()
        self.write("roles: []\n")
        second = self.deployment()
        plan = second.plan(max_drops=5)
        self.assertIn("DROP ROLE READER", plan.render("sql"))
        problem = self.problem(second.apply, plan)
        self.assertEqual(problem.diagnostics[0]["code"], "drop-not-allowed")
        self.assertTrue(second.apply(plan, allow_drop=True)["success"])

    def test_a_plan_that_the_account_has_left_behind_is_refused(self):
        emulator = Emulator()
        self.addCleanup(emulator.stop)
        deployment = self.deployment(parameters=emulator.parameters)
        plan = deployment.plan()
        subprocess.run(
            [PROGRAM, "query", "CREATE ROLE READER"], check=True, capture_output=True, env={
                **os.environ, **{f"SNOWFLAKE_{key.upper()}": value for key, value in emulator.parameters.items()}})
        problem = self.problem(deployment.apply, plan)
        self.assertEqual(problem.diagnostics[0]["code"], "plan-stale")

    def test_a_saved_plan_is_loaded_and_applied(self):
        path = os.path.join(self.folder, "saved.plan")
        deployment = self.deployment()
        deployment.plan().save(path)
        self.assertTrue(deployment.apply(deployment.load_plan(path))["success"])
        self.assertEqual(self.problem(deployment.load_plan, path).status, "failed")

    def test_a_statement_that_fails_leaves_a_result(self):
        emulator = Emulator()
        self.addCleanup(emulator.stop)
        deployment = self.deployment(parameters=emulator.parameters)
        plan = deployment.plan()
        emulator.stop()
        problem = self.problem(deployment.apply, plan)
        self.assertEqual(problem.status, "failed")

    def test_a_wrong_password_is_told_and_not_repeated_in_the_error(self):
        emulator = Emulator()
        self.addCleanup(emulator.stop)
        parameters = {**emulator.parameters, "password": "canary-123"}
        problem = self.problem(self.project().deploy, parameters=parameters)
        self.assertIn("390100", str(problem))
        self.assertNotIn("canary-123", str(problem))

    # ---- Threads

    def slow(self, roles):
        emulator = Emulator("--latency", "300")
        self.addCleanup(emulator.stop)
        self.write("roles:\n" + "".join(f"  - name: r{number}\n" for number in range(roles)))
        return self.deployment(parameters=emulator.parameters, lanes=1)

    def test_cancelling_a_plan_ends_it(self):
        deployment = self.slow(3)
        timer = threading.Timer(0.1, deployment.cancel)
        timer.start()
        problem = self.problem(deployment.plan)
        timer.join()
        self.assertEqual(problem.status, "cancelled")
        self.assertEqual(deployment.plan().document["summary"]["create"], 3)

    def test_cancelling_an_apply_finishes_what_runs_and_starts_nothing_more(self):
        deployment = self.slow(8)
        plan = deployment.plan()

        def stop(event):
            if event["event"] == "finished":
                deployment.cancel()

        problem = self.problem(deployment.apply, plan, on_event=stop, lanes=1)
        self.assertEqual(problem.status, "cancelled")
        result = problem.result
        self.assertEqual(result["failed"], [])
        self.assertGreater(len(result["not_started"]), 0)
        self.assertEqual(len(result["done"]) + len(result["not_started"]), 8)
        again = deployment.plan()
        self.assertEqual(again.document["summary"]["create"], len(result["not_started"]))
        self.assertTrue(deployment.apply(again)["success"])

    def test_a_second_call_meanwhile_is_refused(self):
        deployment = self.slow(2)
        started = threading.Event()
        thread = threading.Thread(target=deployment.plan, kwargs={"on_event": lambda _: started.set()})
        thread.start()
        started.wait(10)
        self.assertIn("busy", str(self.problem(deployment.plan)))
        thread.join()

    def test_many_deployments_side_by_side(self):
        failures = []

        def one(number):
            folder = os.path.join(self.folder, str(number))
            os.mkdir(folder)
            with open(os.path.join(folder, "a.yml"), "w") as file:
                file.write(TEAM)
            try:
                with snowmaker.Project(path=folder) as project, project.deploy(connection="emulator") as deployment:
                    deployment.apply(deployment.plan())
                    assert deployment.plan().document["empty"]
            except Exception as problem:
                failures.append(problem)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    # ---- Plugins in children

    def test_plugins_in_children_plan_and_apply_the_same(self):
        before = self.children()
        with self.project(isolate="always") as project, project.deploy(connection="emulator") as deployment:
            self.assertGreater(len(self.children()), len(before))
            self.assertTrue(deployment.apply(deployment.plan())["success"])
            with deployment.plan() as plan:
                self.assertTrue(plan.document["empty"])
        self.assertEqual(self.children(), before)

    def test_an_unknown_isolation_is_refused(self):
        self.assertIn("never, untrusted or always", str(self.problem(snowmaker.Project, path=self.folder, isolate="no")))

    @staticmethod
    def children():
        found = []
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children") as children:
                found += children.read().split()
        return found

    # ---- The process

    def caught_signals(self):
        with open("/proc/self/status") as status:
            return re.search(r"SigCgt:\s*(\w+)", status.read())[1]

    def test_the_process_stays_as_it_was(self):
        before = signal.getsignal(signal.SIGINT), os.getcwd(), dict(os.environ), os.readlink("/proc/self/fd/1")
        caught = self.caught_signals()
        deployment = self.deployment()
        deployment.apply(deployment.plan())
        self.assertEqual(
            before, (signal.getsignal(signal.SIGINT), os.getcwd(), dict(os.environ), os.readlink("/proc/self/fd/1")))
        self.assertEqual(caught, self.caught_signals())


if __name__ == "__main__":
    unittest.main()
