//===- Supervise.cpp - Outliving the program that runs --------------------===//

#include "Supervise.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstring>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace memwall;

/// What the child notes is at a place that both processes see.
struct Activity {
  char text[1024];
};
static Activity *activity = nullptr;
static volatile pid_t child = 0;

void memwall::noteActivity(llvm::StringRef text) {
  if (!activity)
    return;
  size_t length = std::min(text.size(), sizeof(activity->text) - 1);
  std::memcpy(activity->text, text.data(), length);
  activity->text[length] = '\0';
}

/// Why a program dies of a signal, as far as one can tell.
static llvm::StringRef explain(int signal) {
  switch (signal) {
  case SIGSEGV:
  case SIGBUS:
    return ": it accessed memory that it does not have, or its calls are "
           "nested too deep for the stack";
  case SIGFPE:
    return ": it divided an integer by zero, or the quotient does not fit";
  case SIGABRT:
    return ": it aborted itself, or destroyed its heap";
  case SIGILL:
  case SIGTRAP:
    return ": it reached code that nothing may reach";
  case SIGKILL:
    return ": it was killed, maybe because the machine has no memory left";
  default:
    return "";
  }
}

/// Makes of this process what `status` says of the child.
static int report(int status) {
  if (WIFEXITED(status))
    return WEXITSTATUS(status);
  int signal = WTERMSIG(status);
  if (llvm::sys::Process::StandardErrIsDisplayed())
    llvm::errs() << "\r\033[K"; // What was shown of the progress.
  bool isStopped = signal == SIGINT || signal == SIGTERM || signal == SIGHUP ||
                   signal == SIGPIPE || signal == SIGQUIT;
  if (isStopped) {
    std::signal(signal, SIG_DFL);
    raise(signal);
  }
  llvm::errs() << "memwall-run: error: "
               << (activity->text[0] ? activity->text : "starting") << ": "
               << strsignal(signal) << explain(signal) << "\n";
  return EXIT_FAILURE;
}

int memwall::supervise(llvm::function_ref<int()> work) {
  void *shared = mmap(nullptr, sizeof(Activity), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return work();
  activity = static_cast<Activity *>(shared);
  child = fork();
  if (child < 0)
    return work();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // No stack dumps: the parent says what happened.
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGTRAP})
      std::signal(signal, SIG_DFL);
    return work();
  }
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    if (std::signal(signal, [](int received) { kill(child, received); }) ==
        SIG_IGN) // Under nohup, for instance.
      std::signal(signal, SIG_IGN);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return report(status);
}
