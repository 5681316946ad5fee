using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.TarSums;

/// <summary>A program with moby's TarSum package, from Debian's golang-github-docker-docker-dev.</summary>
public sealed class Moby : IAsyncLifetime
{
    /// <summary>The directory with the test data of moby's package.</summary>
    public const string TestData = "/usr/share/gocode/src/github.com/docker/docker/pkg/tarsum/testdata";

    private const string Program = """
        package main

        import (
        	"fmt"
        	"io"
        	"os"

        	"github.com/docker/docker/pkg/tarsum"
        )

        func sum(name string) string {
        	f, err := os.Open(name)
        	if err != nil {
        		return err.Error()
        	}
        	defer f.Close()
        	s, err := tarsum.NewTarSum(f, true, tarsum.Version1)
        	if err == nil {
        		_, err = io.Copy(io.Discard, s)
        	}
        	if err != nil {
        		return err.Error()
        	}
        	return s.Sum(nil)
        }

        func main() {
        	for _, name := range os.Args[1:] {
        		fmt.Println(sum(name))
        	}
        }
        """;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>The path of the program, which prints the sum of each archive in its arguments.</summary>
    public string Command => _directory["mobysum"];

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_directory["main.go"], Program);
        await Tool.BashAsync("GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=${GOCACHE:-$PWD/cache} GOFLAGS= go build -o mobysum main.go",
            _directory.Path);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return default;
    }

    /// <summary>Returns the sum of an archive.</summary>
    public async Task<string> SumAsync(string archive) => (await SumsAsync([archive]))[0];

    /// <summary>Returns the sum of each archive, or the text of Go's error.</summary>
    public async Task<string[]> SumsAsync(IEnumerable<string> archives)
    {
        var output = (await Tool.RunAsync(Command, archives)).Succeeded().StandardOutput;
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
