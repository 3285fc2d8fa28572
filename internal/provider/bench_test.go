package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// endUsers returns n end users of Openlayer, with a value for every field.
func endUsers(n int) []openlayer.User {
	users := make([]openlayer.User, n)
	at := func(seconds int) string { return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339) }
	whole := func(n int) json.Number { return json.Number(strconv.Itoa(n)) }
	for i := range users {
		users[i] = openlayer.User{
			ID:                fmt.Sprintf("user-%08d@northwind.example", i),
			DateOfFirstRecord: at(1_700_000_000 + i*37), DateOfLastRecord: at(1_760_000_000 + i*13),
			Sessions: whole(i%50 + 1), Records: whole(i%700 + 1), Tokens: whole(i%90_000 + 17),
			Cost: json.Number(fmt.Sprintf("%d.%04d", i%40, i*7919%9999+1)),
		}
	}
	return users
}

// members returns n members of an account, as REST v2 lists them.
func members(n int) []vectara.User {
	users := make([]vectara.User, n)
	text := func(format string, i int) *string {
		text := fmt.Sprintf(format, i)
		return &text
	}
	for i := range users {
		enabled, created := i%7 > 0, int64(1_700_000_000+i)
		users[i] = vectara.User{
			ID: text("usr_%08d", i), Handle: text("user %d", i), Email: text("user-%08d@northwind.example", i), Comment: text("", i),
			UserStatus: text("USER_STATUS__ACTIVE", i), Enabled: &enabled, Roles: []string{"viewer", "corpus_developer"},
			TsCreate: &created, CreatedAt: text("2026-01-31T08:00:00Z", i), UpdatedAt: text("2026-02-01T00:00:00Z", i),
			CorpusRoles: []vectara.CorpusRole{{CorpusKey: text("corpus-%d", i%9), Role: text("editor", i)}}, AgentRoles: []vectara.AgentRole{},
		}
	}
	return users
}

var benchmarkSizes = []int{100, 10_000, 100_000}

// BenchmarkUsers measures the work after a listing: the summary, and the response to Terraform.
func BenchmarkUsers(b *testing.B) {
	for _, n := range benchmarkSizes {
		pipeline, team := endUsers(n), members(n)
		b.Run(fmt.Sprintf("openlayer/summary/users=%d", n), func(b *testing.B) {
			for b.Loop() {
				openlayer.Summarize(pipeline)
			}
		})
		b.Run(fmt.Sprintf("vectara/summary/users=%d", n), func(b *testing.B) {
			for b.Loop() {
				vectara.Summarize(team)
			}
		})
		b.Run(fmt.Sprintf("openlayer/response/users=%d", n), func(b *testing.B) { benchmarkResponse(b, pipelineUsers, pipeline) })
		b.Run(fmt.Sprintf("vectara/response/users=%d", n), func(b *testing.B) { benchmarkResponse(b, vectaraUsers, team) })
	}
}

func benchmarkResponse[T any](b *testing.B, list list[T], users []T) {
	s := &biglist.Server{ProviderServer: listServer[T]{list: list, users: users}, MaxObject: biglist.MaxObject}
	size := 0
	for b.Loop() {
		response, err := s.ReadDataSource(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		size = len(response.State.MsgPack)
	}
	b.ReportMetric(float64(size)/float64(len(users)), "B/user")
}

// listServer is a protocol server whose data source has only the attribute users.
type listServer[T any] struct {
	tfprotov6.ProviderServer
	list  list[T]
	users []T
}

func (s listServer[T]) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if err := biglist.Store(ctx, s.list.name, s.list.element, s.users); err != nil {
		return nil, err
	}
	return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa5users\xc0")}}, nil
}

// BenchmarkRead measures a read through the protocol server. A server on a loopback address responds with prepared
// pages.
func BenchmarkRead(b *testing.B) {
	for _, n := range benchmarkSizes {
		pages := map[string][]byte{}
		for i, user := range endUsers(n) {
			page := strconv.Itoa(i/openlayer.MaxPerPage + 1)
			pages[page] = fmt.Appendf(pages[page], `,{"id":%q,"dateOfFirstRecord":%q,"dateOfLastRecord":%q,"sessions":%s,"records":%s,"tokens":%s,"cost":%s}`,
				user.ID, user.DateOfFirstRecord, user.DateOfLastRecord, user.Sessions, user.Records, user.Tokens, user.Cost)
		}
		vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			users := bytes.TrimPrefix(pages[r.URL.Query().Get("page")], []byte(","))
			fmt.Fprintf(w, `{"items":[%s]}`, users)
		}))
		b.Cleanup(vendor.Close)
		s := clientOf(b, newProtocolServer(&newTestProvider(map[string]string{envOpenlayerAPIKey: testAPIKey, envOpenlayerBaseURL: vendor.URL}).llmUsersProvider))
		for _, kind := range kinds {
			b.Run(fmt.Sprintf("%s/users=%d", kind, n), func(b *testing.B) {
				s.configure(b, `{}`)
				for b.Loop() {
					if _, diagnostics := s.object(b.Context(), b, kind, "openlayer_pipeline_users", readOpenlayer); len(diagnostics) > 0 {
						b.Fatal(text(diagnostics))
					}
				}
			})
		}
	}
}
