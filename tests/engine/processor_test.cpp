// Which instruction sets a processor is believed to have: made-up reports, and this machine's own.
#include "common/processor.hpp"

#include <cstdio>
#include <cstring>

using lenet::ProcessorReport;

int main(int count, char** words) {
  if (count == 2 && std::strcmp(words[1], "this") == 0) {
    const ProcessorReport r = lenet::ask_processor();
    std::printf("%d %d\n", lenet::has_v3(r), lenet::has_v4(r));
    return 0;
  }
  unsigned c, b, amd, saved;
  while (std::scanf("%x %x %x %x", &c, &b, &amd, &saved) == 4) {
    const ProcessorReport r{c, b, amd, saved};
    std::printf("%d %d\n", lenet::has_v3(r), lenet::has_v4(r));
  }
}
