using System.Globalization;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests that a script sees the merged files of two and of 120 parent layers.</summary>
public sealed class ParentLayersTests(InstalledTool tool)
{
    [Theory]
    [InlineData(2)]
    [InlineData(120)]
    public async Task The_last_layer_wins_and_every_layer_has_an_effect(int count)
    {
        using var directory = new TemporaryDirectory();
        var layers = new List<string>();
        for (var number = 1; number <= count; number++)
        {
            var name = number.ToString(CultureInfo.InvariantCulture);
            // Each layer overwrites the file "last", adds one file, and deletes the file that the layer two below added.
            Directory.CreateDirectory(directory[$"tree{name}"]);
            await File.WriteAllTextAsync(directory[$"tree{name}/last"], name);
            await File.WriteAllTextAsync(directory[$"tree{name}/own-{name}"], name);
            if (number > 2) await File.WriteAllTextAsync(directory[$"tree{name}/.wh.own-{number - 2}"], "");
            await Testing.Tool.OutputAsync("tar", "-C", directory[$"tree{name}"], "--sort=name", "-cf", directory[$"{name}.tar"], ".");
            layers.Add(directory[$"{name}.tar"]);
        }

        await DerivedImage.WriteAsync(directory["base.tar"], null, [.. layers]);
        var run = await tool.RootLayerAsync(directory["layer"], "cat last; echo; ls -x -w 300 own-*", "--from", directory["base.tar"]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        var own = string.Join(' ', new[] { $"own-{count - 1}", $"own-{count}" }.Order(StringComparer.Ordinal));
        var lines = run.StandardError.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains(count.ToString(CultureInfo.InvariantCulture), lines);
        Assert.Contains(own, lines);
    }
}
