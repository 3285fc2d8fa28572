package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const repository = "https://github.com/seed-f6cb25c4/terraform-provider-llmusers/"

var (
	codeBlock  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchorTag  = regexp.MustCompile(`<a (?:id|name)="([^"]+)">`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// The target of every link in the repository's Markdown files exists: the file, and the anchor if the link has one.
//
// The address of docs/data-sources/x.md on the Registry is .../<version>/docs/data-sources/x. Pages in the folders of
// docs/ must link to each other with relative links, which lead to the same version on the Registry, and to the same
// commit on GitHub. docs/index.md must not have relative links to other pages: its address is .../<version>/docs, one
// folder higher than on GitHub, so that no relative link works in both places.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	pages := markdownFiles(t, root)
	if len(pages) < 20 {
		t.Fatalf("the repository has only %d Markdown files", len(pages))
	}
	for page, text := range pages {
		folder, ofRegistry := filepath.Dir(page), strings.HasPrefix(page, "docs/")
		for _, match := range linkTarget.FindAllStringSubmatch(inlineCode.ReplaceAllString(text, ""), -1) {
			link, fragment, _ := strings.Cut(match[1], "#")
			inRepository, absolute := cutRepository(link)
			var target string
			switch {
			case absolute:
				target = filepath.Clean(inRepository)
				if ofRegistry && folder != "docs" && strings.HasPrefix(target, "docs/") {
					t.Errorf("%s: %s is a page of another version; use a relative link", page, match[1])
				}
			case strings.Contains(link, ":"):
				continue
			case link == "":
				target = page
			default:
				target = filepath.Join(folder, link)
				if ofRegistry && (folder == "docs" || !strings.HasPrefix(target, "docs/")) {
					t.Errorf("%s: %s does not work on the Registry; use %sblob/HEAD/...", page, match[1], repository)
				}
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the target of %s: %v", page, match[1], err)
			} else if fragment != "" && !slices.Contains(anchors(pages[target]), fragment) {
				t.Errorf("%s: %s has no anchor for %s", page, target, match[1])
			}
		}
	}
}

// cutRepository returns the path in this repository that an address on GitHub points at.
func cutRepository(link string) (path string, ok bool) {
	for _, kind := range []string{"blob/HEAD/", "tree/HEAD/"} {
		if path, ok := strings.CutPrefix(link, repository+kind); ok {
			return path, true
		}
	}
	return "", false
}

// markdownFiles returns the Markdown files of the repository, without code blocks, by path.
func markdownFiles(t *testing.T, root string) map[string]string {
	t.Helper()
	pages := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "dist"):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		pages[filepath.ToSlash(name)] = codeBlock.ReplaceAllString(string(text), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// anchors returns the anchors of a page: its anchor tags, and the slugs that GitHub and the Registry make from headings.
func anchors(page string) []string {
	var all []string
	for _, match := range anchorTag.FindAllStringSubmatch(page, -1) {
		all = append(all, match[1])
	}
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")
		for n, unique := 1, slug; ; n++ {
			if !slices.Contains(all, unique) {
				all = append(all, unique)
				break
			}
			unique = fmt.Sprint(slug, "-", n)
		}
	}
	return all
}
