using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Files;

public sealed class InputFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_pipe_is_read_to_its_end()
    {
        await Tool.BashAsync("mkfifo pipe", _directory.Path);
        var writing = Tool.BashAsync("{ printf one; sleep 0.1; printf two; } > pipe", _directory.Path);
        Assert.Equal("onetwo"u8.ToArray(), InputFile.ReadAll(_directory["pipe"], 100, "text"));
        await writing;
    }

    [Fact]
    public void A_file_above_the_size_limit_is_refused_and_a_file_at_the_limit_is_read()
    {
        File.WriteAllBytes(_directory["file"], new byte[2 << 20]);
        Assert.Equal(2 << 20, InputFile.ReadAll(_directory["file"], 2 << 20, "a script").Length);
        var error = Assert.Throws<InputException>(() => InputFile.ReadAll(_directory["file"], 1 << 20, "a script"));
        Assert.EndsWith("file: is larger than 1 MiB, so it is not a script.", error.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("directory", "directory: is a directory. Name a file.")]
    [InlineData("missing", "missing: can't be opened: No such file or directory. Check the path and its permissions.")]
    [InlineData("link", "link: can't be opened: No such file or directory. Check the path and its permissions.")]
    public async Task A_file_that_can_not_be_opened_is_reported_with_the_systems_reason(string name, string message)
    {
        await Tool.BashAsync("mkdir directory; ln -s nowhere link", _directory.Path);
        var refused = Assert.Throws<InputException>(() => InputFile.ReadAll(_directory[name], 100, "text"));
        Assert.EndsWith(message, refused.Describe(), StringComparison.Ordinal);
        Assert.EndsWith(message, Assert.Throws<InputException>(() => ByteSource.Open(_directory[name])).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_where_random_access_is_needed()
    {
        await Tool.BashAsync("mkfifo pipe", _directory.Path);
        var writing = Tool.BashAsync("echo x > pipe || true", _directory.Path);
        Assert.Contains("pipe", Assert.Throws<InputException>(() => ByteSource.Open(_directory["pipe"])).Message, StringComparison.Ordinal);
        await writing;
    }
}
