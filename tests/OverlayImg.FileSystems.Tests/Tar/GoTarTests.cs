using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// <see cref="TarReader"/> and Go's <c>archive/tar</c> read the same entries from Go's test data, from other archives, and from archives that the
/// writer makes.
/// </summary>
public sealed class GoTarTests(GoTar go) : IClassFixture<GoTar>, IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask DisposeAsync()
    {
        // .NET can't remove names that are not UTF-8.
        await Tool.BashAsync("rm -rf d", _directory.Path);
        _directory.Dispose();
    }

    [Fact]
    public async Task Gos_test_data_is_read_as_by_Go()
    {
        var archives = Directory.GetFiles(go.TestData, "*.tar");
        Assert.True(archives.Length > 30);
        var differences = new List<string>();
        foreach (var archive in archives.Order(StringComparer.Ordinal))
        {
            var (expected, actual) = (await go.ListAsync(archive), GoTar.ListOurs(archive));
            if (WithoutErrorText(expected) != WithoutErrorText(actual)) differences.Add($"{Path.GetFileName(archive)}\n{expected}---\n{actual}");
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=posix")]
    [InlineData("--format=posix -S --sparse-version=0.1")]
    [InlineData("--format=oldgnu -S")]
    public async Task Archives_of_GNU_tar_are_read_as_by_Go(string options)
    {
        await Tool.BashAsync($"mkdir d; (cd d; {SourceTrees.Everything}\n truncate -s 1M hole); tar -C d {options} -cf a.tar .", _directory.Path);
        Assert.Equal(await go.ListAsync(_directory["a.tar"]), GoTar.ListOurs(_directory["a.tar"]));
    }

    [Fact]
    public async Task Go_reads_written_archives()
    {
        await Tool.BashAsync($"mkdir -p d/a; (cd d; {SourceTrees.Everything}\n); (cd d/a; {SourceTrees.Attributes}\n)", _directory.Path);
        await Tool.BashAsync("tar -C d --xattrs --xattrs-include='*' -cf a.tar .", _directory.Path);
        using var source = ByteSource.Open(_directory["a.tar"]);
        await using (var output = File.Create(_directory["ours.tar"])) TarTreeWriter.Write(Archives.Read(source).Tree, output, new(), Archives.None);
        var list = await go.ListAsync(_directory["ours.tar"]);
        Assert.Equal(list, GoTar.ListOurs(_directory["ours.tar"]));
        Assert.DoesNotContain("error", list, StringComparison.Ordinal);
        Assert.Contains("757365722e62696e617279=00ff0a3d8081", list, StringComparison.Ordinal);
    }

    private static string WithoutErrorText(string list) =>
        list.IndexOf("error", StringComparison.Ordinal) is >= 0 and var start ? list[..start] + "error" : list;
}
