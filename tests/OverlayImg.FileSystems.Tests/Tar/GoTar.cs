using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>A program that lists an archive with Go's <c>archive/tar</c>, the reader of Docker, containerd and podman.</summary>
public sealed class GoTar : IAsyncLifetime
{
    /// <summary>Size in bytes from which content is not hashed (sparse files).</summary>
    private const long MostHashed = 1 << 30;

    private const string Program = """
        package main

        import (
        	"archive/tar"
        	"crypto/sha256"
        	"fmt"
        	"io"
        	"os"
        	"sort"
        	"strings"
        )

        func list(path string) {
        	f, _ := os.Open(path)
        	defer f.Close()
        	r := tar.NewReader(f)
        	for {
        		h, err := r.Next()
        		if err == io.EOF {
        			return
        		}
        		if err == nil && h.Typeflag == 'g' {
        			fmt.Printf("g %x\n", h.Name)
        			continue
        		}
        		sum := sha256.New()
        		if err == nil && h.Size < 1<<30 {
        			_, err = io.Copy(sum, r)
        		}
        		if err != nil {
        			fmt.Println("error", err)
        			return
        		}
        		var xattrs []string
        		for k, v := range h.Xattrs {
        			xattrs = append(xattrs, fmt.Sprintf("%x=%x", k, v))
        		}
        		sort.Strings(xattrs)
        		fmt.Printf("%c %x|%x|%o|%d|%d|%d|%d.%09d|%x|%x|%d|%d|%x|%s\n", h.Typeflag, h.Name, h.Linkname, h.Mode, h.Uid, h.Gid, h.Size,
        			h.ModTime.Unix(), h.ModTime.Nanosecond(),
        			h.Uname, h.Gname, h.Devmajor, h.Devminor, sum.Sum(nil)[:8], strings.Join(xattrs, ","))
        	}
        }

        func main() {
        	for _, path := range os.Args[1:] {
        		list(path)
        	}
        }
        """;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>The directory with the test archives of Go's package.</summary>
    public string TestData { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_directory["main.go"], Program);
        await Tool.BashAsync("GO111MODULE=off GOCACHE=${GOCACHE:-$PWD/cache} GOFLAGS= go build -o gotar main.go", _directory.Path);
        TestData = Path.Combine((await Tool.OutputAsync("go", "env", "GOROOT")).Trim(), "src/archive/tar/testdata");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return default;
    }

    /// <summary>Lists an archive with Go: a line for each entry, and a line for an error at the end.</summary>
    public async Task<string> ListAsync(string archive) => (await Tool.RunAsync(_directory["gotar"], [archive])).Succeeded().StandardOutput;

    /// <summary>Lists an archive with <see cref="TarReader"/> in the format of Go's list.</summary>
    public static string ListOurs(string archive)
    {
        var lines = new StringBuilder();
        using var stream = File.OpenRead(archive);
        var reader = new TarReader(stream, new(archive)) { ReportsGlobalHeaders = true };
        try
        {
            while (reader.Next(Archives.None) is { } entry) lines.Append(Line(entry, reader)).Append('\n');
        }
        catch (InputException error)
        {
            lines.Append("error ").Append(error.Message).Append('\n');
        }

        return lines.ToString();
    }

    private static string Line(TarEntry entry, TarReader reader)
    {
        if (entry.TypeFlag == TarTypeFlag.GlobalExtendedHeader)
        {
            return "g " + Hex(entry.PaxRecords.Find("path"u8) is { } path ? path.Span : entry.RawName.Span);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[10_000];
        while (entry.Size < MostHashed && reader.Read(buffer) is > 0 and var count) hash.AppendData(buffer.AsSpan(0, count));
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var record in entry.PaxRecords.All)
        {
            if (record.Key.Span.StartsWith("SCHILY.xattr."u8)) attributes[Hex(record.Key.Span[13..])] = Hex(record.Value.Span);
        }

        var present = attributes.Where(attribute => attribute.Value.Length > 0).Select(attribute => $"{attribute.Key}={attribute.Value}");
        string[] fields =
        [
            Hex(entry.RawName.Span), Hex(entry.LinkName.Span), Convert.ToString(entry.Mode, 8), $"{entry.Uid}", $"{entry.Gid}", $"{entry.Size}",
            string.Create(CultureInfo.InvariantCulture, $"{entry.ModificationTime.Seconds}.{entry.ModificationTime.Nanoseconds:D9}"),
            Hex(entry.Uname.Span), Hex(entry.Gname.Span), $"{entry.DevMajor}", $"{entry.DevMinor}", Hex(hash.GetHashAndReset().AsSpan(0, 8)),
            string.Join(',', present.Order(StringComparer.Ordinal)),
        ];
        return $"{(char)entry.TypeFlag} {string.Join('|', fields)}";
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
