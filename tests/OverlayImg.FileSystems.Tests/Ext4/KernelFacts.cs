using System.Globalization;
using System.Text;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>Lists a mounted directory in the format of <see cref="TreeFacts"/>, with find, stat, getfattr and sha256sum.</summary>
internal static class KernelFacts
{
    public static async Task<IReadOnlyList<string>> OfAsync(string directory)
    {
        var files = Fields(await RunAsync(@"find . -printf '%P\0%y\0%m\0%U\0%G\0%T@\0%s\0%l\0%i\0'", directory), 9);
        var namesByInode = files.ToLookup(fields => fields[8], fields => fields[0]);
        var hashes = await HashesAsync(directory);
        var devices = Fields(await RunAsync(@"find . \( -type c -o -type b \) -print0 | xargs -0r stat --printf '%n\0%t:%T\0'", directory), 2)
            .ToDictionary(fields => fields[0][2..], fields => fields[1]);
        var xattrs = await XattrsAsync(directory);
        return TreeFacts.Sorted(files.Where(fields => fields[0] != "lost+found").Select(Line));

        string Line(string[] fields)
        {
            var path = fields[0];
            var detail = fields[1] switch
            {
                "f" => $"{fields[6]} {hashes.GetValueOrDefault(path, "large")}",
                "l" => fields[7],
                "c" or "b" => devices[path],
                _ => "",
            };
            return TreeFacts.Line(path, fields[1][0], Convert.ToInt32(fields[2], 8), Number(fields[3]), Number(fields[4]), fields[5][..^1],
                detail, namesByInode[fields[8]].Min(StringComparer.Ordinal)!, xattrs.GetValueOrDefault(path, []));
        }
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<Dictionary<string, string>> HashesAsync(string directory)
    {
        var output = await RunAsync($"find . -type f -size -{TreeFacts.LargestHashed + 1}c -print0 | xargs -0r sha256sum -z --", directory);
        return output.Split('\0', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line[68..], line => line[..64]);
    }

    private static async Task<Dictionary<string, List<string>>> XattrsAsync(string directory)
    {
        var found = new Dictionary<string, List<string>>();
        List<string> current = [];
        foreach (var line in (await RunAsync("getfattr -R -h -d -m - -e hex . ", directory)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# file: ", StringComparison.Ordinal))
            {
                var path = Unquote(line[8..]);
                found.Add(path == "." ? "" : path, current = []);
            }
            else
            {
                var (name, value) = line.Split('=', 2) is [var left, var right] ? (left, right) : (line, "");
                current.Add($"{Unquote(name)}={(value.StartsWith("0x", StringComparison.Ordinal) ? value[2..] : "")}");
            }
        }

        return found;
    }

    // getfattr escapes backslashes, line feeds and the like as \ooo.
    private static string Unquote(string text)
    {
        var result = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\') result.Append(text[index]);
            else result.Append((char)Convert.ToInt32(text.Substring((index += 3) - 2, 3), 8));
        }

        return result.ToString();
    }

    private static List<string[]> Fields(string output, int count) => [.. output.Split('\0')[..^1].Chunk(count)];

    private static async Task<string> RunAsync(string script, string directory)
    {
        var result = await Tool.RunAsync("bash", ["-euo", "pipefail", "-c", script], directory: directory);
        return Encoding.Latin1.GetString(result.Succeeded().StandardOutputBytes);
    }
}
