using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Files;

public sealed class RegularFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("missing", "No such file or directory")]
    [InlineData("file/below", "Not a directory")]
    public void A_missing_file_has_no_length_and_is_refused_with_the_reason(string name, string reason)
    {
        File.WriteAllText(_directory["file"], "");
        Assert.Null(RegularFile.LengthOf(_directory[name]));
        Assert.Contains(reason, Assert.Throws<InputException>(() => RegularFile.Open(_directory[name])).Message, StringComparison.Ordinal);
    }
}
