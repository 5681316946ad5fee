using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>doctor</c> and of the errors of runs without QEMU or KVM.</summary>
public sealed class DoctorTests(InstalledTool tool)
{
    [Fact]
    public async Task Doctor_finds_everything_that_a_run_needs()
    {
        var run = await tool.RunAsync(["doctor", "--json"]);
        Assert.Equal(0, run.ExitCode);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var findings = json.RootElement.GetProperty("findings").EnumerateArray()
            .ToDictionary(finding => finding.GetProperty("subject").GetString()!, finding => finding);
        Assert.Equal("ok", findings["QEMU"].GetProperty("health").GetString());
        Assert.Contains(
            (await Testing.Tool.OutputAsync("qemu-system-x86_64", "--version")).Split(' ', '\n')[3].Split('(')[0],
            findings["QEMU"].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", findings["guest image"].GetProperty("health").GetString());
        Assert.Equal("ok", findings["liblzma"].GetProperty("health").GetString());
        Assert.DoesNotContain("libzstd", findings.Keys);
        Assert.Contains("disk space", findings.Keys);
        Assert.Contains("KVM", findings.Keys);
        Assert.True(findings["TCG"].GetProperty("slowdown").GetDouble() > 0);
        Assert.Contains(" times as long ", findings["TCG"].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_QEMU_doctor_names_the_package_and_exits_with_4()
    {
        using var programs = new TemporaryDirectory();
        var run = await tool.RunAsync(["doctor"], environment: await WithoutQemuAsync(programs.Path));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("qemu-system-x86", run.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_QEMU_names_the_package_and_exits_with_4()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["script"], "true", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(directory["programs"]);
        var run = await tool.RunAsync(["root-layer", "--run-as-root", directory["script"], "-o", directory["layer"]],
            environment: await WithoutQemuAsync(directory["programs"]));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("qemu-system-x86", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["layer"]));
    }

    [Fact]
    public async Task The_accelerator_is_chosen_once_by_starting_a_guest_and_remembered()
    {
        using var directory = new TemporaryDirectory();
        var first = await tool.RootLayerAsync(directory["layer"], "true", "--json", "--cache-dir", directory["cache"]);
        Assert.True(first.ExitCode == 0, first.StandardError);
        var second = await tool.RootLayerAsync(directory["layer"], "true", "--json", "--cache-dir", directory["cache"]);
        Assert.True(second.ExitCode == 0, second.StandardError);
        using var firstJson = JsonDocument.Parse(first.StandardOutput);
        using var secondJson = JsonDocument.Parse(second.StandardOutput);
        var accelerator = firstJson.RootElement.GetProperty("accelerator").GetString();
        Assert.Equal(accelerator, secondJson.RootElement.GetProperty("accelerator").GetString());
        Assert.Empty(secondJson.RootElement.GetProperty("warnings").EnumerateArray());

        // If the first run did not choose KVM, the forced run need not wait long for a guest.
        var forced = await tool.RootLayerAsync(
            directory["layer"], "true", "--accel", "kvm", "--boot-timeout", accelerator == "kvm" ? "60s" : "3s", "--cache-dir", directory["cache"]);
        if (accelerator == "kvm") Assert.Equal(0, forced.ExitCode);
        else
        {
            // The first run warns about an unusable /dev/kvm only if the device exists.
            if (File.Exists("/dev/kvm")) Assert.Single(firstJson.RootElement.GetProperty("warnings").EnumerateArray());
            Assert.Equal(4, forced.ExitCode);
            Assert.Contains("/dev/kvm", forced.StandardError, StringComparison.Ordinal);
        }
    }

    // Makes a PATH with the other programs that the tool needs, because they may be in the same directory as QEMU.
    private static async Task<Dictionary<string, string?>> WithoutQemuAsync(string directory)
    {
        foreach (var program in new[] { "setsid", "setpriv" })
            File.CreateSymbolicLink(Path.Combine(directory, program), (await Testing.Tool.OutputAsync("which", program)).Trim());
        return new() { ["PATH"] = directory };
    }
}
