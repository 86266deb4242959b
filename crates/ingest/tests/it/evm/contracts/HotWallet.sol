// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// A wallet whose sweep pays two accounts and says nothing; and one that pays and then takes it back.
contract HotWallet {
    receive() external payable {}

    function sweep(address payable one, address payable other) external {
        uint256 half = address(this).balance / 2;
        send(one, half);
        send(other, address(this).balance);
    }

    function regret(address payable one) external payable {
        send(one, address(this).balance);
        revert("changed its mind");
    }

    /// Regrets inside, and goes on: the inner payment is undone, the outer one is not.
    function half(address payable one) external payable {
        try this.regret{value: msg.value / 2}(one) {} catch {}
        send(one, msg.value / 4);
    }

    function end(address payable heir) external {
        selfdestruct(heir);
    }

    function send(address payable to, uint256 value) private {
        (bool paid,) = to.call{value: value}("");
        require(paid);
    }
}
