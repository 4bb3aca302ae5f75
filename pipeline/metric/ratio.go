package metric

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
)

// terms are measures added up, each by its name as often as the number says.
type terms map[string]float64

// ratioOf reads a formula that is measures added up, by others added up where it divides:
// most figures are no more. False where it is more. The syntax of formulas, as far as
// they are so, is that of Go. Who divides by nothing gets NULL, whether the formula says
// nullIf or not.
func ratioOf(formula string) (over, by terms, ok bool) {
	e, err := parser.ParseExpr(formula)
	if err != nil {
		return nil, nil, false
	}
	division, divides := e.(*ast.BinaryExpr)
	if !divides || division.Op != token.QUO {
		over, ok = addedUpIn(e)

		return over, nil, ok
	}
	divisor := division.Y
	if call, is := divisor.(*ast.CallExpr); is && calls(call, "nullIf", 2) && isZero(call.Args[1]) {
		divisor = call.Args[0]
	}
	over, ok = addedUpIn(division.X)
	by, divisible := addedUpIn(divisor)

	return over, by, ok && divisible
}

// addedUpIn are the measures that an expression adds up, if it does nothing else.
func addedUpIn(e ast.Expr) (terms, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		return terms{e.Name: 1}, true
	case *ast.ParenExpr:
		return addedUpIn(e.X)
	case *ast.CallExpr:
		if calls(e, "toInt64", 1) || calls(e, "toFloat64", 1) {
			return addedUpIn(e.Args[0])
		}
	case *ast.BinaryExpr:
		return combined(e)
	}

	return nil, false
}

// combined is a sum or difference, or measures times a number.
func combined(e *ast.BinaryExpr) (terms, bool) {
	y, ok := addedUpIn(e.Y)
	if e.Op == token.MUL {
		factor := numberIn(e.X)

		return y.times(factor), ok && factor != 0
	}
	x, both := addedUpIn(e.X)
	switch {
	case !ok || !both:
		return nil, false
	case e.Op == token.ADD:
		return x.plus(y), true
	case e.Op == token.SUB:
		return x.plus(y.times(-1)), true
	}

	return nil, false
}

func (t terms) times(factor float64) terms {
	product := make(terms, len(t))
	for name, times := range t {
		product[name] = times * factor
	}

	return product
}

func (t terms) plus(more terms) terms {
	sum := maps.Clone(t)
	for name, times := range more {
		sum[name] += times
	}

	return sum
}

// numberIn is the number that an expression is; 0 where it is none.
func numberIn(e ast.Expr) float64 {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		return 0
	}
	number, err := strconv.ParseFloat(literal.Value, 64)
	if err != nil {
		return 0
	}

	return number
}

func isZero(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)

	return ok && literal.Value == "0"
}

// calls is whether a call is of that function with so many arguments.
func calls(call *ast.CallExpr, function string, arguments int) bool {
	name, ok := call.Fun.(*ast.Ident)

	return ok && name.Name == function && len(call.Args) == arguments
}
