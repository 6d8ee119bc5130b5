//===- ForeignDialects.cpp - IR of frontends, read far enough to say so ---===//

#include "memwall/Passes/ForeignDialects.h"
#include "memwall/Work/Advice.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include <deque>

using namespace mlir;
using namespace memwall;

namespace {

ParseResult refuse(OpAsmParser &parser, OperationState &state) {
  // The parser has named the op.
  return parser.emitError(parser.getNameLoc(), "is not read by memwall; ")
         << *findDialectAdvice(state.name.getDialectNamespace());
}

/// A dialect of a frontend. Its ops and types in generic form are kept as they
/// are and end up among what is not modelled; ops in their own syntax cannot be
/// read, and the error says what to do instead.
class Foreign : public Dialect {
public:
  Foreign(StringRef name, MLIRContext *context, TypeID id)
      : Dialect(name, context, id) {
    allowUnknownOperations();
    allowUnknownTypes();
  }

  std::optional<ParseOpHook> getParseOperationHook(StringRef) const override {
    return ParseOpHook(refuse);
  }
};

} // namespace

void memwall::registerForeignDialects(DialectRegistry &registry) {
  // Ids have to live as long as the contexts, at fixed places.
  static std::deque<SelfOwningTypeID> ids(listForeignDialects().size());
  for (size_t i = 0; i < ids.size(); ++i) {
    const ForeignDialect &foreign = listForeignDialects()[i];
    TypeID id = ids[i];
    registry.insert(
        id, foreign.dialect, [&foreign, id](MLIRContext *context) -> Dialect * {
          return context->getOrLoadDialect(foreign.dialect, id, [&] {
            return std::make_unique<Foreign>(foreign.dialect, context, id);
          });
        });
  }
}
