//===- RenderTest.cpp - Formats, on a report written by hand --------------===//

#include "memwall/Report/Render.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Unicode.h"
#include "gtest/gtest.h"

using namespace memwall;

/// A target with a cache and a memory of 1 GB.
static Target makeTarget(llvm::StringRef name) {
  Target target;
  target.name = name.str();
  target.levels.resize(2);
  target.levels[0].name = "l2";
  target.levels[0].capacityBytes = 1 << 20;
  target.levels[1].name = "ddr5";
  target.levels[1].kind = LevelKind::Memory;
  target.levels[1].capacityBytes = 1000000000;
  return target;
}

static TargetFigures makeFigures(llvm::StringRef name, int64_t bytes) {
  TargetFigures figures;
  figures.name = name.str();
  for (llvm::StringRef level : {"l2", "ddr5"}) {
    LevelFigures &out = figures.levels.emplace_back();
    out.name = level.str();
    out.scheduled = {bytes, bytes / 2};
    out.boundBytes = bytes;
    out.theorem = "contraction, \"A9\"";
    if (bytes)
      out.flopsPerByte = out.flopsPerByteAtBound = 4.0;
    out.ridge = 8;
  }
  figures.boundBy = figures.boundByAsScheduled = "ddr5";
  figures.secondsAtBound = 0.25;
  figures.secondsAsScheduled = 0.5;
  figures.share = figures.shareAsScheduled = bytes ? 1 : 0;
  return figures;
}

/// One function of one matmul and one fill on `count` targets.
static Report makeReport(unsigned count) {
  Report report;
  FunctionFigures &function = report.functions.emplace_back();
  function.name = "main";
  function.arithmetic.flops = 4000000;
  function.floor = {900000, 100000};
  function.residentBytes = 2000000;
  function.unmodelled.push_back({"test.op", "m.mlir:3:1", 7, 2, "no rule"});
  for (unsigned op : {0, 1}) {
    OpFigures &out = function.ops.emplace_back();
    out.index = op;
    out.name = op == 0 ? "linalg.matmul" : "linalg.fill";
    out.location = "m.mlir:2:1";
    out.kind = op == 0 ? OpKind::Contraction : OpKind::Fill;
    out.shape = "10x20x30";
    out.arithmetic.flops = op == 0 ? 4000000 : 0;
    out.compulsory = op == 0 ? Bytes{900000, 100000} : Bytes{0, 0};
    function.groups.emplace_back().ops.push_back(op);
  }
  for (unsigned t = 0; t != count; ++t) {
    std::string name = "machine" + std::to_string(t);
    report.targets.push_back(makeTarget(name));
    function.targets.push_back(makeFigures(name, 1000000));
    function.ops[0].targets.push_back(makeFigures(name, 1000000));
    function.ops[1].targets.push_back(makeFigures(name, 0));
  }
  return report;
}

template <typename Renderer>
static std::string print(Renderer render) {
  std::string text;
  llvm::raw_string_ostream os(text);
  render(os);
  return text;
}

static std::string printText(const Report &report, RenderOptions options = {}) {
  return print([&](llvm::raw_ostream &os) { renderText(report, os, options); });
}

static std::string printJSON(const Report &report) {
  return print([&](llvm::raw_ostream &os) { renderJSON(report, os); });
}

TEST(RenderJSON, HasTheFieldsOfTheSchema) {
  auto json = llvm::json::parse(printJSON(makeReport(2)));
  ASSERT_TRUE(bool(json));
  const llvm::json::Object &root = *json->getAsObject();
  EXPECT_EQ(root.getString("schema"), "memwall.report/2");
  EXPECT_EQ(root.getString("bandwidth"), "peak");
  const auto &function = *(*root.getArray("functions"))[0].getAsObject();
  EXPECT_EQ(function.getString("name"), "main");
  EXPECT_EQ(function.getInteger("flops"), 4000000);
  EXPECT_EQ(function.getObject("floor")->getInteger("written"), 100000);
  EXPECT_EQ(function.getInteger("resident_bytes"), 2000000);
  const auto &lost = *(*function.getArray("unmodelled"))[0].getAsObject();
  EXPECT_EQ(lost.getString("op"), "test.op");
  EXPECT_EQ(lost.getInteger("count"), 7);
  EXPECT_EQ(lost.getInteger("places"), 2);
  EXPECT_EQ(lost.getString("advice"), "no rule");
  EXPECT_EQ((*function.getArray("warnings"))[0].getAsString(),
            "2 ops are in no figure: test.op");
  const auto &total = *(*function.getArray("targets"))[1].getAsObject();
  EXPECT_EQ(total.getString("bound_by"), "ddr5");
  EXPECT_EQ(total.getBoolean("fits"), true);
  EXPECT_EQ(total.getObject("seconds")->getNumber("at_bound"), 0.25);
}

/// The figures of makeReport(1) with this provenance at its cache and memory.
static Report makeReportFrom(const Provenance &cache,
                             const Provenance &memory) {
  Report report = makeReport(1);
  TargetFigures &target = report.functions[0].targets[0];
  target.levels[0].provenance = cache;
  target.levels[1].provenance = memory;
  return report;
}

/// A walk of some sets that may be off by so many bytes.
static Provenance makeWalk(double errorOfRead, double errorOfWritten) {
  Provenance provenance;
  provenance.method = TrafficMethod::Sets;
  provenance.setsWalked = 32;
  provenance.sets = 1024;
  provenance.errorOfRead = errorOfRead;
  provenance.errorOfWritten = errorOfWritten;
  return provenance;
}

static Provenance makeDistances(llvm::StringRef reason = "") {
  Provenance provenance;
  provenance.errorOfRead = provenance.errorOfWritten = std::nullopt;
  provenance.reason = reason.str();
  return provenance;
}

TEST(RenderJSON, FunctionsSayWhereTheirBytesComeFrom) {
  auto json = llvm::json::parse(
      printJSON(makeReportFrom(makeWalk(3000, 0), makeDistances("gathers"))));
  ASSERT_TRUE(bool(json));
  EXPECT_EQ(json->getAsObject()->getString("accuracy"), "default");
  const auto &function =
      *(*json->getAsObject()->getArray("functions"))[0].getAsObject();
  const auto &target = *(*function.getArray("targets"))[0].getAsObject();
  const auto &cache = *(*target.getArray("levels"))[0].getAsObject();
  EXPECT_EQ(cache.getString("method"), "sets");
  EXPECT_EQ(cache.getInteger("sets_walked"), 32);
  EXPECT_EQ(cache.getInteger("sets"), 1024);
  EXPECT_EQ(cache.getBoolean("sampled_in_time"), false);
  EXPECT_EQ(cache.getObject("standard_error")->getNumber("read"), 3000);
  EXPECT_EQ(cache.getObject("standard_error")->getNumber("written"), 0);
  EXPECT_EQ(cache.getString("reason"), "");
  const auto &memory = *(*target.getArray("levels"))[1].getAsObject();
  EXPECT_EQ(memory.getString("method"), "distances");
  EXPECT_EQ(memory.getObject("standard_error")->get("read")->kind(),
            llvm::json::Value::Null);
  EXPECT_EQ(memory.getString("reason"), "gathers");
}

TEST(RenderJSON, WritesOpsWithBoundsAndLevelsInOrder) {
  auto json = llvm::json::parse(printJSON(makeReport(1)));
  ASSERT_TRUE(bool(json));
  const auto &functions = *json->getAsObject()->getArray("functions");
  const auto &ops = *functions[0].getAsObject()->getArray("ops");
  const auto &op = *ops[0].getAsObject();
  EXPECT_EQ(op.getString("kind"), "contraction");
  EXPECT_EQ(op.getObject("compulsory")->getInteger("read"), 900000);
  const auto &target = *(*op.getArray("targets"))[0].getAsObject();
  const auto &level = *(*target.getArray("levels"))[1].getAsObject();
  EXPECT_EQ(level.getString("name"), "ddr5");
  EXPECT_EQ(level.getObject("scheduled")->getInteger("written"), 500000);
  EXPECT_EQ(level.getObject("bound")->getInteger("bytes"), 1000000);
  EXPECT_EQ(level.getNumber("flop_per_byte"), 4.0);
  // Nothing moves at all: an intensity does not exist.
  const auto &fill =
      *(*ops[1].getAsObject()->getArray("targets"))[0].getAsObject();
  const auto &fillLevel = *(*fill.getArray("levels"))[0].getAsObject();
  EXPECT_EQ(fillLevel.get("flop_per_byte")->kind(), llvm::json::Value::Null);
}

TEST(RenderJSON, KeepsTheOrderOfKeys) {
  std::string json = printJSON(makeReport(1));
  size_t last = 0;
  for (const char *key :
       {"\"schema\"", "\"functions\"", "\"name\"", "\"flops\"", "\"floor\"",
        "\"unmodelled\"", "\"ops\"", "\"index\"", "\"compulsory\"",
        "\"levels\"", "\"bound_by\"", "\"fits\""}) {
    size_t place = json.find(key, last);
    EXPECT_NE(place, std::string::npos) << key;
    last = place;
  }
}

TEST(RenderCSV, QuotesAndHasOneLinePerOpTargetAndLevel) {
  Report report = makeReport(2);
  std::string csv =
      print([&](llvm::raw_ostream &os) { renderCSV(report, os); });
  // The header, ops, and what is not modelled.
  EXPECT_EQ(llvm::StringRef(csv).count('\n'), 1 + 2 * 2 * 2u + 1);
  EXPECT_NE(csv.find("main,,test.op,m.mlir:3:1,unmodelled,,7,"),
            std::string::npos);
  EXPECT_NE(csv.find("main,0,linalg.matmul,m.mlir:2:1,contraction,10x20x30,1,"
                     "4000000,0,0,900000,100000,machine0,l2,1000000,500000,"
                     "1000000,\"contraction, "
                     "\"\"A9\"\"\",4,8,ddr5,0.25,0.5,,,,,,,false,,,,,,,\n"),
            std::string::npos)
      << csv;
}

TEST(RenderCSV, EndsWithWhereTheBytesComeFrom) {
  Report report = makeReportFrom(makeWalk(3000, 12.5), makeDistances());
  std::string csv =
      print([&](llvm::raw_ostream &os) { renderCSV(report, os); });
  EXPECT_NE(csv.find(",seconds_scheduled,method,sets_walked,sets,"
                     "standard_error_read,standard_error_written,"
                     "function_seconds_at_floor,bounds_exceed_scheduled,"
                     "types_without_peak,label,step,"),
            std::string::npos);
  // The same for both ops.
  for (const char *line : {"main,0", "main,1"}) {
    size_t place = csv.find(line);
    EXPECT_LT(csv.find("0.5,sets,32,1024,3000,12.5,,false,,,,,,,\n", place),
              csv.find("0.5,distances,0,0,,,,false,,,,,,,\n", place))
        << csv;
  }
}

// The scheduled bytes are 1,000,000 read and 500,000 written.
TEST(RenderText, StatesErrorsThatMatter) {
  RenderOptions all;
  all.allLevels = true;
  auto find = [](const std::string &text, llvm::StringRef part) {
    return llvm::StringRef(text).contains(part);
  };
  std::string text =
      printText(makeReportFrom(makeWalk(3000, 60000), makeWalk(0, 0)), all);
  EXPECT_TRUE(find(text, "\n   standard error                 ± 0.3 % read, ± "
                         "12 % written\n   sum of "))
      << text;
  EXPECT_FALSE(find(text, "not known")) << text;

  // 0.05 % and less is nothing; the memory alone is shown without levels=all.
  text = printText(makeReportFrom(makeWalk(3000, 0), makeWalk(500, 251)));
  EXPECT_TRUE(find(text, "   standard error                 ± 0.1 % written\n"))
      << text;
  text = printText(makeReportFrom(makeWalk(3000, 0), makeWalk(500, 250)));
  EXPECT_FALSE(find(text, "standard error")) << text;

  text = printText(makeReportFrom(makeWalk(0, 0), makeDistances("gathers")));
  EXPECT_TRUE(
      find(text, "   standard error                 not known (gathers)\n"))
      << text;
}

TEST(RenderMarkdown, StatesErrorsThatMatter) {
  auto printMarkdown = [](const Report &report, RenderOptions options) {
    return print(
        [&](llvm::raw_ostream &os) { renderMarkdown(report, os, options); });
  };
  RenderOptions all;
  all.allLevels = true;
  Report report = makeReportFrom(makeWalk(3000, 0), makeDistances());
  EXPECT_NE(printMarkdown(report, all)
                .find("| standard error | l2 ± 0.3 % read; ddr5 not known |"),
            std::string::npos);
  EXPECT_NE(
      printMarkdown(report, {}).find("| standard error | ddr5 not known |"),
      std::string::npos);
  report = makeReportFrom(makeWalk(0, 0), makeWalk(0, 0));
  EXPECT_EQ(printMarkdown(report, all).find("standard error"),
            std::string::npos);
}

TEST(RenderText, FitsItsColumns) {
  for (unsigned columns : {80, 100, 120, 160})
    for (unsigned targets : {1, 2, 3, 5})
      for (bool allLevels : {false, true}) {
        RenderOptions options;
        options.columns = columns;
        options.allLevels = allLevels;
        Report report = makeReport(targets);
        FunctionFigures &function = report.functions[0];
        function.ops[0].step = "the_projection_of_the_keys_of_layer_17";
        for (TargetFigures &target : function.targets) {
          target.aboveFloor = {{"results of a step with a long name", {7, 5}}};
          for (LevelFigures &level : target.levels) {
            level.provenance = makeWalk(9.9e4, 4.9e4);
            level.name = "infinity_cache";
          }
        }
        std::string text = printText(report, options);
        llvm::SmallVector<llvm::StringRef> lines;
        llvm::StringRef(text).split(lines, '\n');
        for (llvm::StringRef line : lines)
          EXPECT_LE(llvm::sys::unicode::columnWidthUTF8(line), (int)columns)
              << line.str();
      }
}

// Escapes are only in what is asked to have some, and change no column.
TEST(RenderText, HasColoursWhereTheyAreAskedFor) {
  RenderOptions options;
  std::string plain = printText(makeReport(2), options);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  options.color = true;
  std::string colored = printText(makeReport(2), options);
  std::string stripped;
  for (llvm::StringRef rest = colored; !rest.empty();) {
    stripped += rest.take_until([](char c) { return c == '\x1b'; });
    rest = rest.drop_until([](char c) { return c == '\x1b'; });
    rest = rest.drop_until([](char c) { return c == 'm'; })
               .drop_front(rest.empty() ? 0 : 1);
  }
  EXPECT_NE(colored, plain);
  EXPECT_EQ(stripped, plain);
}

TEST(RenderText, ShowsEveryTargetAndWhatIsNotModelled) {
  std::string text = printText(makeReport(3));
  for (const char *part :
       {"@main", "4.00 MFLOP", "900 kB read + 100 kB written", "machine0",
        "machine1: what takes", "machine2: what takes",
        "500 ms  1.50 MB  1.00 MB    4.00 M  matmul 10x20x30",
        "ddr5 moves 1.50 MB, 1.50 times the minimum (250 ms,\n",
        "bound by ddr5)", "500 ms, bound by ddr5",
        "1.00 MB read + 500 kB written", "yes, in 1.00 GB", "matmul 10x20x30",
        "7× test.op  m.mlir:3:1"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find("l2"), std::string::npos) << text;
}

TEST(RenderText, SaysHowManyRowsAreLeftOut) {
  RenderOptions options;
  options.maxRows = 1;
  EXPECT_NE(printText(makeReport(1), options)
                .find("   and 1 more (rows=all shows them)"),
            std::string::npos);
}

/// One function of `count` reductions that take equal times.
static Report makeReductions(unsigned count) {
  Report report = makeReport(1);
  FunctionFigures &function = report.functions[0];
  OpFigures op = function.ops[0];
  op.name = "linalg.reduce";
  op.kind = OpKind::Reduction;
  op.targets[0].shareAsScheduled = 1.0 / count;
  function.ops.clear();
  function.groups.clear();
  for (unsigned i = 0; i != count; ++i) {
    op.index = i;
    function.ops.push_back(op);
    function.groups.emplace_back().ops.push_back(i);
  }
  return report;
}

static size_t countOf(llvm::StringRef text, llvm::StringRef part) {
  return text.count(part);
}

// A hundredth of the time is enough; of less, three are shown all the same, and
// never all but one.
TEST(RenderText, FoldsRowsThatCostLittle) {
  for (auto [rows, shown] :
       {std::pair{100, 100}, {101, 3}, {4, 4}, {3, 3}, {200, 3}}) {
    std::string text = printText(makeReductions(rows));
    EXPECT_EQ(countOf(text, "reduction 10x20x30"), (size_t)shown) << rows;
    EXPECT_EQ(countOf(text, "of less than 1 % each"), rows == shown ? 0u : 1u);
  }
  RenderOptions all;
  all.allRows = true;
  EXPECT_EQ(countOf(printText(makeReductions(101), all), "reduction"), 101u);
}

TEST(RenderText, OrdersRowsByCostOrAsTheProgramDoes) {
  Report report = makeReductions(3);
  FunctionFigures &function = report.functions[0];
  const double shares[] = {0.2, 0.5, 0.3};
  for (OpFigures &op : function.ops) {
    op.targets[0].shareAsScheduled = shares[op.index];
    op.targets[0].share = 1 - shares[op.index];
    op.step = "step" + std::to_string(op.index);
  }
  auto getOrder = [&](RowOrder order) {
    RenderOptions options;
    options.order = order;
    std::string text = printText(report, options), steps;
    for (size_t at = 0; (at = text.find("step", at)) != std::string::npos; ++at)
      steps += text[at + 4];
    return steps;
  };
  EXPECT_EQ(getOrder(RowOrder::Cost), "120");
  EXPECT_EQ(getOrder(RowOrder::Minimum), "021");
  EXPECT_EQ(getOrder(RowOrder::Program), "012");
}

// The floor is 900,000 and 100,000 bytes.
TEST(RenderText, SplitsWhatIsAboveTheFloor) {
  Report report = makeReport(1);
  auto &sorts = report.functions[0].targets[0].aboveFloor;
  sorts = {{"transposed weights", {50000, 25000}}, {"fills", {0, 25000}}};
  std::string text = printText(report);
  EXPECT_NE(
      text.find(" beyond that minimum move         50.0 kB read + 50.0 kB "
                "written:\n                                  75 % "
                "transposed weights\n                                  "
                "25 % fills\n"),
      std::string::npos)
      << text;
  // The last line stands for what has none.
  for (const char *what : {"a", "b", "c", "d"})
    sorts.push_back({what, {0, 2000}});
  text = printText(report);
  EXPECT_NE(text.find("6 % 3 other kinds\n"), std::string::npos) << text;
  // As does one line for all of less than a hundredth.
  sorts = {{"weights", {99000, 0}}, {"a", {600, 0}}, {"b", {400, 0}}};
  text = printText(report);
  EXPECT_NE(text.find("99 % weights\n"), std::string::npos) << text;
  EXPECT_NE(text.find("1 % 2 other kinds\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("<1 %"), std::string::npos) << text;
  // Less than a hundredth of the floor is no news.
  sorts = {{"fills", {0, 9999}}};
  EXPECT_EQ(printText(report).find("beyond"), std::string::npos);
}

TEST(RenderMarkdown, HasARowPerGroup) {
  Report report = makeReport(2);
  std::string text =
      print([&](llvm::raw_ostream &os) { renderMarkdown(report, os); });
  EXPECT_NE(
      text.find("| 100 % | 500 ms | matmul 10x20x30 | ddr5 moves 1.50 MB, "
                "1.50 times the minimum (250 ms, bound by "
                "ddr5) | 1.00 MB | 500 kB | 1.00 MB | 4.00 M | 2.67 |"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("7 × `test.op` at m.mlir:3:1"), std::string::npos);
}
