//===- ForeignDialects.cpp - IR of frontends, read far enough to say so ---===//

#include "memwall/Passes/ForeignDialects.h"
#include "memwall/Work/Advice.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
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

/// A dialect of a frontend. Its ops in generic form, its types and its
/// attributes are kept as they are, and the ops end up among what is not
/// modelled; ops in their own syntax cannot be read, and the error says what to
/// do instead.
class Foreign : public Dialect {
public:
  Foreign(StringRef name, MLIRContext *context, TypeID id)
      : Dialect(name, context, id) {
    allowUnknownOperations();
    allowUnknownTypes();
  }

  /// Files of frontends begin with attributes (`#hal.device.target<...>`),
  /// which must not fail before the first op does and names the way out.
  Attribute parseAttribute(DialectAsmParser &parser, Type type) const override {
    MLIRContext *context = getContext();
    return OpaqueAttr::get(StringAttr::get(context, getNamespace()),
                           parser.getFullSymbolSpec(),
                           type ? type : NoneType::get(context));
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
