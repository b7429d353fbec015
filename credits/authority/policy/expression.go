package policy

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
	"github.com/shopspring/decimal"
)

// environment is what an expression sees: the facts, and how amounts compare. Its names are the only ones there are.
type environment struct {
	Facts

	KindName string `expr:"kind"`
}

const mostNodes = 200

// compile types a condition. What it answers is yes or no; no builtin function, no name but those of Facts, and no
// floating point: a number with decimals is an amount, exactly as it is written.
func compile(condition string) (*vm.Program, error) {
	options := []expr.Option{
		expr.Env(environment{}), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(mostNodes), expr.Patch(amounts{}),
	}
	for _, c := range comparing() {
		options = append(options, c.options()...)
	}
	return expr.Compile(condition, options...)
}

// problem is the first line of what the compiler says: the rest draws an arrow.
func problem(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// amounts reads numbers with decimals as amounts.
type amounts struct{}

// Visit is called for every node of an expression.
func (amounts) Visit(node *ast.Node) {
	number, ok := (*node).(*ast.FloatNode)
	if !ok {
		return
	}
	if exact, err := decimal.NewFromString(strconv.FormatFloat(number.Value, 'f', -1, 64)); err == nil {
		ast.Patch(node, &ast.ConstantNode{Value: exact})
	}
}

// comparison is one operator between amounts.
type comparison struct {
	operator, name string
	holds          func(order int) bool
}

func comparing() []comparison {
	return []comparison{
		{">", "isOver", func(o int) bool { return o > 0 }},
		{">=", "isAtLeast", func(o int) bool { return o >= 0 }},
		{"<", "isUnder", func(o int) bool { return o < 0 }},
		{"<=", "isAtMost", func(o int) bool { return o <= 0 }},
		{"==", "isSame", func(o int) bool { return o == 0 }},
		{"!=", "isOther", func(o int) bool { return o != 0 }},
	}
}

func (c comparison) options() []expr.Option {
	compare := func(params ...any) (any, error) { return c.holds(amountOf(params[0]).Cmp(amountOf(params[1]))), nil }
	return []expr.Option{
		expr.Function(c.name, compare, new(func(decimal.Decimal, decimal.Decimal) bool), new(func(decimal.Decimal, int) bool), new(func(int, decimal.Decimal) bool)),
		expr.Operator(c.operator, c.name),
	}
}

func amountOf(value any) decimal.Decimal {
	switch v := value.(type) {
	case decimal.Decimal:
		return v
	case int:
		return decimal.NewFromInt(int64(v))
	}
	return decimal.Zero
}
