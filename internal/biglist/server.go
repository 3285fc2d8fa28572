// Package biglist sends a long list to Terraform without the value types of
// terraform-plugin-framework, which take ten times the memory of the list, and more CPU time than
// everything else that is done for it.
//
// The framework still does the rest: configuration, validation, diagnostics, and all other attributes.
// A response is made in three steps:
//
//  1. [Server] receives a call of Terraform before the framework's own protocol server does, and
//     passes it on with a context that can hold a list.
//  2. The data source calls [Object.List], which leaves its list in that context, and gives the
//     framework a null instead.
//  3. The framework responds with an object in MessagePack, the encoding of the plugin protocol.
//     [Server] replaces the null by the list, which it encodes straight from the Go structs.
//
// An [Object] describes the elements of a list. Their type, their description and their encoding all
// come from it.
package biglist

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// MaxObject is how large the encoded object of a response may be, in bytes. It is what fits a provider
// that has to stay under 512 MiB of memory: gRPC copies the object once, and the users that it was made
// of are there as well. Without a limit here, the protocol would set one: it refuses a message of more
// than 256 MiB (grpcMaxMessageSize in terraform-plugin-go), with an error that names no data source.
const MaxObject = 144 << 20

// Server is a protocol server that puts long lists into the responses of another one, the framework's.
// It is safe for concurrent use.
type Server struct {
	// ProviderServer is the framework's.
	tfprotov6.ProviderServer
	// MaxObject is how large an encoded object may be, in bytes.
	MaxObject int
	// TooLarge words the error about an object that would be larger, because of the list of an attribute.
	TooLarge func(attribute string, size int) *tfprotov6.Diagnostic
}

// pending is a list on its way from a data source to the server. Without encode there is none.
type pending struct {
	attribute string
	encode    func(context.Context, *msgpack.Encoder) error
}

// pendingKey is the key of a *pending in a context.
type pendingKey struct{}

// ReadDataSource responds as the framework does, with the list in its place.
func (s *Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var list pending
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, pendingKey{}, &list), req)
	if err == nil && resp != nil {
		resp.State, resp.Diagnostics = s.complete(ctx, resp.State, resp.Diagnostics, list)
	}
	return resp, err
}

// OpenEphemeralResource responds as the framework does, with the list in its place.
func (s *Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	var list pending
	resp, err := s.ProviderServer.OpenEphemeralResource(context.WithValue(ctx, pendingKey{}, &list), req)
	if err == nil && resp != nil {
		resp.Result, resp.Diagnostics = s.complete(ctx, resp.Result, resp.Diagnostics, list)
	}
	return resp, err
}

// complete returns an object with a list in its place, or, with one more error, no object.
func (s *Server) complete(ctx context.Context, object *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, list pending) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	failed := slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
	if list.encode == nil || object == nil || failed {
		return object, diags
	}
	full, size, err := insert(ctx, list, object.MsgPack, s.MaxObject)
	switch {
	case ctx.Err() != nil:
		return nil, append(diags, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "Interrupted",
			Detail:   fmt.Sprintf("The provider was still writing the list %s, and does not return a part of it. Run Terraform again.", list.attribute),
		})
	case err != nil:
		return nil, append(diags, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "Unexpected response of the plugin framework",
			Detail:   fmt.Sprintf("The provider cannot add the list %s to it: %s. This is a bug in the provider. Please report it.", list.attribute, err),
		})
	case full == nil:
		return nil, append(diags, s.TooLarge(list.attribute, size))
	}
	return &tfprotov6.DynamicValue{MsgPack: full}, diags
}

// insert returns an object with a list in its place, and the size of that in bytes. Above a limit there is no
// object. It ends early when the context does.
func insert(ctx context.Context, list pending, object []byte, limit int) (full []byte, size int, err error) {
	at, err := nullOf(list.attribute, object)
	if err != nil {
		return nil, 0, err
	}
	// The list is encoded twice, first to count the bytes, and then into a buffer of just that size: a buffer that has
	// to grow is in memory twice.
	var counted counter
	if err := list.encode(ctx, msgpack.NewEncoder(&counted)); err != nil {
		return nil, 0, err
	}
	if size = len(object) - 1 + int(counted); size > limit {
		return nil, size, nil
	}
	buffer := bytes.NewBuffer(make([]byte, 0, size))
	_, _ = buffer.Write(object[:at])
	err = list.encode(ctx, msgpack.NewEncoder(buffer))
	_, _ = buffer.Write(object[at+1:])
	return buffer.Bytes(), size, err
}

// nullOf returns where in an encoded object the null is that stands for an attribute.
func nullOf(attribute string, object []byte) (at int, err error) {
	rest := bytes.NewReader(object)
	d := msgpack.NewDecoder(rest)
	n, err := d.DecodeMapLen()
	if err != nil {
		return 0, err
	}
	for range n {
		name, err := d.DecodeString()
		if err != nil {
			return 0, err
		}
		value := len(object) - rest.Len()
		if err := d.Skip(); err != nil {
			return 0, err
		}
		if name == attribute && object[value] == msgpcode.Nil {
			at = value
		}
	}
	if at == 0 {
		return 0, fmt.Errorf("the response has no attribute %s that is null", attribute)
	}
	return at, nil
}

// counter counts the bytes that an encoder writes.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// WriteByte is there for [msgpack.NewEncoder], which otherwise allocates each byte.
func (c *counter) WriteByte(byte) error {
	*c++
	return nil
}
