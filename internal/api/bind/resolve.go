package bind

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// findResolvers finds the input, or the parts embedded in it, that want to see the request.
func (b *binding) findResolvers() error {
	return b.findResolversIn(b.call.In, []int{})
}

func (b *binding) findResolversIn(t reflect.Type, index []int) error {
	resolves := reflect.PointerTo(t).Implements(reflect.TypeFor[huma.Resolver]())
	if resolves {
		b.resolvers = append(b.resolvers, index)
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[huma.ResolverWithPath]()) {
		return fmt.Errorf("%v: a resolver that takes a path is not supported", t)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		var err error
		switch {
		case !f.IsExported(), f.Anonymous && resolves: // a part whose method is the whole's is not asked twice
		case f.Anonymous:
			err = b.findResolversIn(f.Type, append(slices.Clip(index), i))
		default:
			err = withoutResolvers(f.Type, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withoutResolvers refuses a resolver inside a parameter or the body, which nobody would ask.
func withoutResolvers(t reflect.Type, within []reflect.Type) error {
	if slices.Contains(within, t) {
		return nil
	}
	within = append(slices.Clip(within), t)
	for _, resolver := range []reflect.Type{reflect.TypeFor[huma.Resolver](), reflect.TypeFor[huma.ResolverWithPath]()} {
		if t.Implements(resolver) || reflect.PointerTo(t).Implements(resolver) {
			return fmt.Errorf("%v: a resolver is supported in what is embedded alone", t)
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		return withoutResolvers(t.Elem(), within)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				continue
			}
			if err := withoutResolvers(f.Type, within); err != nil {
				return err
			}
		}
	default:
	}
	return nil
}

// resolve asks them.
func (b *binding) resolve(ctx huma.Context, in reflect.Value, wrong *problems) {
	for _, index := range b.resolvers {
		if r, ok := reflect.TypeAssert[huma.Resolver](in.FieldByIndex(index).Addr()); ok {
			wrong.Errors = append(wrong.Errors, r.Resolve(ctx)...)
		}
	}
}
