/* Deploys a project from a C program: load, validate, plan, show, apply, and see that nothing is left.
 *
 *   cc -std=c11 deploy.c $(pkg-config --cflags --libs snowmaker) -o deploy
 *   ./deploy PROJECT [CONNECTION]
 */
#include <snowmaker_embed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every call is checked the same way: print the problem, which says what happened and what to do, and stop. */
static void check(int32_t status, const char *what, char *problem) {
  if (status == SNOWMAKER_OK) return;
  fprintf(stderr, "%s did not work (status %d): %s\n", what, status, problem != NULL ? problem : "no reason given");
  snowmaker_text_free(problem);
  exit(1);
}

static void on_event(void *user, const char *event) {
  int *events = user;
  *events += 1;
  fprintf(stderr, "  %s\n", event);
}

/* Puts {"key": "value"} together. A real program uses its JSON library; here the values may not need escaping. */
static void option(char *buffer, size_t size, const char *key, const char *value) {
  if (strpbrk(value, "\"\\") != NULL || snprintf(buffer, size, "{\"%s\": \"%s\"}", key, value) >= (int)size) {
    fprintf(stderr, "the value of %s is too long, or has a character that this example does not escape\n", key);
    exit(2);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s PROJECT [CONNECTION]\n", argv[0]);
    return 2;
  }
  if (snowmaker_embed_version() < SNOWMAKER_EMBED_VERSION) {
    fprintf(stderr, "the installed libsnowmaker.so is older than its header\n");
    return 1;
  }
  printf("snowmaker %s\n", snowmaker_version());

  char options[4096], *problem = NULL, *text = NULL;
  int events = 0;
  snowmaker_project *project = NULL;
  snowmaker_deployment *deployment = NULL;
  snowmaker_plan *plan = NULL;

  option(options, sizeof options, "path", argv[1]);
  check(snowmaker_project_load(options, &project, &problem), "loading", problem);
  check(snowmaker_project_validate(project, &text, &problem), "validating", problem);
  printf("validation: %s\n", text);
  snowmaker_text_free(text);

  option(options, sizeof options, "connection", argc > 2 ? argv[2] : "emulator");
  check(snowmaker_deployment_open(project, options, &deployment, &problem), "connecting", problem);

  check(snowmaker_deployment_plan(deployment, NULL, on_event, &events, &plan, &problem), "planning", problem);
  check(snowmaker_plan_render(plan, "text", &text, &problem), "rendering", problem);
  printf("%s", text);
  snowmaker_text_free(text);

  check(snowmaker_deployment_apply(deployment, plan, NULL, on_event, &events, &text, &problem), "applying", problem);
  printf("result: %s\n", text);
  snowmaker_text_free(text);
  snowmaker_plan_release(plan);

  check(snowmaker_deployment_plan(deployment, NULL, NULL, NULL, &plan, &problem), "planning again", problem);
  check(snowmaker_plan_render(plan, "json", &text, &problem), "rendering", problem);
  int settled = strstr(text, "\"empty\":true") != NULL;
  printf("a new plan: %s, after %d events\n", settled ? "nothing to do" : "there is more to do", events);
  snowmaker_text_free(text);

  snowmaker_plan_release(plan);
  snowmaker_deployment_release(deployment);
  snowmaker_project_release(project);
  return settled ? 0 : 1;
}
