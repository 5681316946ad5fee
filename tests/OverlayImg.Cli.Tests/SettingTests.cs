using System.CommandLine;
using OverlayImg.Caching;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;
using OverlayImg.Closures;
using OverlayImg.Images.Settings;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Tests;

/// <summary>Each setting in messages of the lower floors has an option, and the message for the user names the option.</summary>
public sealed class SettingTests
{
    private static readonly RootCommand Root = CommandLine.Create();

    [Fact]
    public void Each_floor_declares_settings()
    {
        Assert.All(Floors.Declarations, type =>
            Assert.Contains(Floors.Settings, setting => setting.Name.StartsWith(type.Name + ".", StringComparison.Ordinal)));
        Assert.Equal(Floors.Settings.Count(), Floors.Settings.DistinctBy(setting => setting.Setting.Name).Count());
    }

    [Fact]
    public void Each_setting_has_an_option_of_a_command()
    {
        var options = Floors.Settings.Select(setting => (
            setting.Name,
            Option: Root.Subcommands.Select(command => command.OptionFor(setting.Setting)).FirstOrDefault(option => option is not null)));
        Assert.All(options, setting => Assert.True(setting.Option is not null, $"No command has an option for {setting.Name}."));
    }

    [Fact]
    public void Options_are_named_at_the_end_of_the_advice()
    {
        Assert.Equal("Give it more. (--no)", Names("build").Complete("Give it more. (--no)", []));
        Assert.Equal("Give it more (--memory).", Names("build").Complete(new Advice("Give it more.", GuestSetting.Memory)));
        Assert.Equal(
            "Choose one (--from-name, --from-tag).", Names("build").Complete(new Advice("Choose one.", ImageSetting.Name, ImageSetting.Tag)));
        Assert.Equal("Without a full stop (--store-dir)", Names("build").Complete("Without a full stop", [ClosureSetting.StoreDirectory]));
    }

    [Fact]
    public void Two_settings_of_one_option_name_it_once() =>
        Assert.Equal("Elsewhere (--cache-dir).", Names("build").Complete(new Advice("Elsewhere.", CacheSetting.Directory, GuestSetting.CachePath)));

    [Fact]
    public void Only_options_of_the_command_are_named()
    {
        var advice = new Advice("Elsewhere, or with more memory.", CacheSetting.Directory, GuestSetting.Memory);
        Assert.Equal("Elsewhere, or with more memory (--cache-dir).", Names("inspect").Complete(advice));
        Assert.Equal("Elsewhere, or with more memory (--cache-dir, --memory).", Names("root-layer").Complete(advice));
        Assert.Equal(advice.Text, new OptionNames(null).Complete(advice));
    }

    [Fact]
    public void A_failure_names_the_option_before_the_errors_of_QEMU()
    {
        var exception = new GuestException("QEMU was killed")
        {
            Advice = new("Give the guest less memory.", GuestSetting.Memory),
            QemuErrors = ["bad"],
        };
        var failure = Failure.Of(exception, signal: null, Names("run"));
        Assert.Equal("QEMU was killed. Give the guest less memory (--memory).\nQEMU said:\n  bad", failure.Message);
        Assert.Equal(ExitCodes.Machine, failure.ExitCode);
    }

    [Fact]
    public void A_failure_of_an_input_keeps_its_location_and_its_advice()
    {
        var exception = new InputException("is no path in the store") { Advice = new("Name the store.", ClosureSetting.StoreDirectory) }
            .At(new("file"));
        Assert.Equal(
            "file: is no path in the store. Name the store (--store-dir).",
            Failure.Of(exception, signal: null, Names("build-layered")).Message);
    }

    private static OptionNames Names(string verb) => new(Assert.Single(Root.Subcommands, command => command.Name == verb));
}
